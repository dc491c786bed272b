import type { SessionId } from '../comfydeploy/model';
import { MemorySink } from './memorySink';
import type { ComfyUi, Web } from '../comfyui/client';
import { download } from './download';
import { keyOf, type OutputFile } from '../comfyui/outputs';

export interface OutputBytesOptions extends Web {
  /** @throws {ApiError} where it has none. */
  readonly comfyUi: (id: SessionId) => Pick<ComfyUi, 'look' | 'open'>;
}

/** Of one file: it has to be in memory as a whole. */
const LARGEST = 512_000_000;
/** Of all that is kept. */
const ROOM = 64_000_000;
/** Files of which it is known how large they are. */
const MOST_KNOWN = 1_000;

interface Fetched {
  readonly session: SessionId;
  readonly bytes: Promise<Uint8Array>;
  /** Bytes; none while it is on its way, and then of no weight. */
  size: number;
}

/** The contents of outputs, fetched once for whoever wants them, and kept within bounds. */
export class OutputBytes {
  /** Those used last come last. */
  readonly #fetched = new Map<string, Fetched>();
  readonly #sizes = new Map<string, { readonly session: SessionId; readonly size: number }>();
  /** Of everything that is on its way. */
  readonly #controllers = new Map<SessionId, AbortController>();

  constructor(private readonly options: OutputBytesOptions) {}

  /** Bytes that are kept. */
  get kept(): number {
    return [...this.#fetched.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** @throws {ApiError}, or an `AbortError` if the session ended meanwhile. */
  async sizeOf(session: SessionId, file: OutputFile): Promise<number> {
    const id = idOf(session, file);
    const known = this.#sizes.get(id)?.size;
    if (known !== undefined) return known;
    const { size } = await this.options.comfyUi(session).look(file, this.#signalOf(session));
    if (size === undefined) return (await this.read(session, file)).length; // something on the way packs it
    this.#know(session, id, size);
    return size;
  }

  /** @throws {ApiError}, or an `AbortError` if the session ended meanwhile. */
  async read(session: SessionId, file: OutputFile): Promise<Uint8Array> {
    const id = idOf(session, file);
    const known = this.#fetched.get(id);
    const fetched = known ?? this.#fetch(session, file, id);
    this.#fetched.delete(id);
    this.#fetched.set(id, fetched);
    return fetched.bytes;
  }

  /** What is different on the server by now, or gone: whoever waits for it still gets it. Without a file, all of them. */
  forget(session: SessionId, file?: OutputFile): void {
    const isMeant = (id: string, one: { readonly session: SessionId }) =>
      file === undefined ? one.session === session : id === idOf(session, file);
    for (const [id, one] of this.#fetched) if (isMeant(id, one)) this.#fetched.delete(id);
    for (const [id, one] of this.#sizes) if (isMeant(id, one)) this.#sizes.delete(id);
  }

  /** Sessions that are over: nobody gets anything more of them. */
  keepOnly(live: ReadonlySet<SessionId>): void {
    for (const [session, controller] of this.#controllers) {
      if (live.has(session)) continue;
      controller.abort();
      this.#controllers.delete(session);
      this.forget(session);
    }
  }

  reset(): void {
    for (const controller of this.#controllers.values()) controller.abort();
    this.#controllers.clear();
    this.#fetched.clear();
    this.#sizes.clear();
  }

  #fetch(session: SessionId, file: OutputFile, id: string): Fetched {
    const fetched: Fetched = { session, bytes: this.#download(session, file), size: 0 };
    fetched.bytes.then(
      ({ length }) => {
        fetched.size = length;
        if (this.#fetched.get(id) !== fetched) return;
        this.#know(session, id, length);
        this.#makeRoom(id, length);
      },
      () => this.#fetched.get(id) === fetched && this.#fetched.delete(id),
    );
    return fetched;
  }

  async #download(session: SessionId, file: OutputFile): Promise<Uint8Array> {
    const signal = this.#signalOf(session);
    const comfyUi = this.options.comfyUi(session);
    const known = await comfyUi.look(file, signal);
    const held = new MemorySink(known.size, LARGEST);
    const transfer = { file, path: '', known, canResume: false };
    await download(transfer, { ...this.options, comfyUi, folder: held, signal, came: () => undefined });
    return held.bytes;
  }

  #signalOf(session: SessionId): AbortSignal {
    const controller = this.#controllers.get(session) ?? new AbortController();
    this.#controllers.set(session, controller);
    return controller.signal;
  }

  /** What was used longest ago goes first; what alone would take all the room is not kept at all. */
  #makeRoom(newest: string, size: number): void {
    if (size > ROOM) this.#fetched.delete(newest);
    let excess = this.kept - ROOM;
    for (const [id, one] of this.#fetched) {
      if (excess <= 0) return;
      if (one.size === 0) continue;
      excess -= one.size;
      this.#fetched.delete(id);
    }
  }

  #know(session: SessionId, id: string, size: number): void {
    this.#sizes.delete(id);
    this.#sizes.set(id, { session, size });
    const [oldest] = this.#sizes.keys();
    if (this.#sizes.size > MOST_KNOWN && oldest !== undefined) this.#sizes.delete(oldest);
  }
}

function idOf(session: SessionId, file: OutputFile): string {
  return `${session} ${keyOf(file)}`;
}
