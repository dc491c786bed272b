// The frames of a WebSocket (RFC 6455, section 5), for a client that only listens.

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const KINDS: readonly number[] = [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG];
/** In the first byte: this frame ends its message. In the second: it is masked, as those of clients have to be. */
const FLAG = 0x80;
const RESERVED = 0x70;
/** Bytes of a ping, pong or close at most. */
const LONGEST_CONTROL = 125;
/** Bytes; a larger message ends the connection. ComfyUI may send images. */
const LARGEST_MESSAGE = 16 * 1024 * 1024;
/** Bytes; longer texts are not needed. */
const LONGEST_TEXT = 1024 * 1024;

/** A text, or what is to be answered: a ping by a pong, a close by a close. */
export type FromServer =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'ping' | 'close'; readonly content: Uint8Array };

interface Frame {
  readonly kind: number;
  readonly isLast: boolean;
  /** Bytes still to come. */
  left: number;
}

/** Reads what a server sends, in whatever pieces it arrives. Keeps the text that it is at, and nothing else. */
export class FrameReader {
  /** What has arrived of the next frame's header. */
  #header: number[] = [];
  #frame: Frame | undefined;
  /** The message whose frames are arriving. */
  #message:
    { readonly decoder: InstanceType<typeof TextDecoder> | undefined; text: string; length: number } | undefined;
  /** What has arrived of a ping or close. */
  #control: number[] = [];

  /** Texts over 1 MiB and binary messages are left out. @throws at what no server may send; nothing can follow then. */
  read(bytes: Uint8Array): readonly FromServer[] {
    const complete: FromServer[] = [];
    let at = 0;
    while (at < bytes.length) {
      if (this.#frame) {
        const part = bytes.subarray(at, at + this.#frame.left);
        at += part.length;
        this.#frame.left -= part.length;
        this.#take(this.#frame.kind, part);
      } else {
        this.#header.push(bytes[at++] ?? 0);
        this.#frame = this.#begun();
      }
      if (this.#frame?.left === 0) complete.push(...this.#ended(this.#frame));
    }
    return complete;
  }

  /** The next frame, once its header is complete. */
  #begun(): Frame | undefined {
    const [first = 0, second, ...more] = this.#header;
    if (second === undefined) return undefined;
    const bytesOfLength = second === 126 ? 2 : second === 127 ? 8 : 0;
    if (more.length < bytesOfLength) return undefined;
    const length = bytesOfLength === 0 ? second : more.reduce((sum, byte) => sum * 256 + byte, 0);
    const [kind, isLast] = [first & 0xf, (first & FLAG) !== 0];
    if ((first & RESERVED) !== 0 || !KINDS.includes(kind) || second >= FLAG) throw new Error('no frame of a server');
    if (kind < CLOSE) this.#measure(kind, length);
    else if (!isLast || length > LONGEST_CONTROL) throw new Error('no control frame');
    this.#header = [];
    return { kind, isLast, left: length };
  }

  #measure(kind: number, length: number): void {
    if ((kind === CONTINUATION) !== (this.#message !== undefined)) throw new Error('not in order');
    const decoder = kind === TEXT ? new TextDecoder('utf-8', { fatal: true }) : undefined;
    this.#message ??= { decoder, text: '', length: 0 };
    this.#message.length += length;
    if (this.#message.length > LARGEST_MESSAGE) throw new Error('too large');
  }

  #take(kind: number, part: Uint8Array): void {
    if (kind >= CLOSE) this.#control.push(...part);
    else if (this.#message?.decoder && this.#message.length <= LONGEST_TEXT)
      this.#message.text += this.#message.decoder.decode(part, { stream: true });
  }

  /** What is complete with this frame. */
  #ended({ kind, isLast }: Frame): readonly FromServer[] {
    this.#frame = undefined;
    if (kind >= CLOSE) {
      const content = Uint8Array.from(this.#control);
      this.#control = [];
      return kind === PONG ? [] : [{ kind: kind === PING ? 'ping' : 'close', content }];
    }
    const message = this.#message;
    if (!isLast || !message) return [];
    this.#message = undefined;
    if (!message.decoder || message.length > LONGEST_TEXT) return [];
    return [{ kind: 'text', text: message.text + message.decoder.decode() }];
  }
}

/** @param mask four random bytes. @param content of what is answered. */
export function answerFrame(to: 'ping' | 'close', content: Uint8Array, mask: Uint8Array): Uint8Array {
  const masked = content.map((byte, at) => byte ^ (mask[at % mask.length] ?? 0));
  return Uint8Array.of(FLAG | (to === 'ping' ? PONG : CLOSE), FLAG | content.length, ...mask, ...masked);
}
