// Not `node:http`: VS Code knows the proxy, and hands out modules that use it under the short names only.
import { createHash, randomBytes } from 'node:crypto';
import * as http from 'http';
import * as https from 'https';
import type { Duplex } from 'node:stream';
import { answerFrame, FrameReader, type FromServer } from '../frames';
import type { SocketListener, Sockets } from '../sockets';

/** Without a byte, before the connection is made. */
const HANDSHAKE_MS = 10_000;
/** From RFC 6455: a server that hashes it with our key knows what was asked for. */
const WEBSOCKET = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Connections that only listen. No redirect is followed. */
export const sockets: Sockets = {
  open(address, listener) {
    const connection = new Connection(listener);
    connection.request(address);
    return connection;
  },
};

class Connection {
  readonly #reader = new FrameReader();
  #transport: { destroy(): unknown } | undefined;
  #isOver = false;

  constructor(private readonly listener: SocketListener) {}

  request(address: string): void {
    const key = randomBytes(16).toString('base64');
    const accepted = createHash('sha1').update(`${key}${WEBSOCKET}`).digest('base64');
    const url = new URL(address.replace(/^ws/, 'http'));
    const { get } = url.protocol === 'https:' ? https : http;
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': key,
      'Sec-WebSocket-Version': '13',
    };
    const request = get(url, { headers, timeout: HANDSHAKE_MS });
    this.#transport = request;
    for (const event of ['response', 'timeout', 'error', 'close']) request.on(event, this.#fail);
    request.on('upgrade', (response, stream, head) => {
      request.off('close', this.#fail);
      this.#transport = stream;
      response.socket.setTimeout(0);
      if (response.headers['sec-websocket-accept'] === accepted) this.#listen(stream, head);
      else this.#fail();
    });
  }

  dispose(): void {
    this.#isOver = true;
    this.#transport?.destroy();
  }

  #listen(stream: Duplex, head: Buffer): void {
    for (const event of ['error', 'close']) stream.on(event, this.#fail);
    this.listener.opened();
    const read = (bytes: Buffer) => {
      for (const message of this.#read(bytes)) this.#heed(message, stream);
    };
    read(head);
    stream.on('data', read);
  }

  #read(bytes: Buffer): readonly FromServer[] {
    try {
      return this.#isOver ? [] : this.#reader.read(bytes);
    } catch {
      this.#fail();
      return [];
    }
  }

  #heed(message: FromServer, stream: Duplex): void {
    if (this.#isOver) return;
    if (message.kind === 'text') return this.listener.said(message.text);
    const answer = answerFrame(message.kind, message.content, randomBytes(4));
    if (message.kind === 'ping') stream.write(answer);
    else stream.end(answer, this.#fail);
  }

  /** Says so once. An error is not passed on: its message may contain the address. */
  readonly #fail = (): void => {
    if (this.#isOver) return;
    this.dispose();
    this.listener.closed();
  };
}
