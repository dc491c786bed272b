import type { SessionId } from '../comfydeploy/model';
import { MemorySink } from './memorySink';
import type { ComfyUi, Web } from '../comfyui/client';
import { download } from './download';
import { keyOf, type OutputFile } from '../comfyui/outputs';

export interface OutputBytesOptions extends Web {
  /** @throws {ApiError} if it has none. */
  readonly comfyUi: (id: SessionId) => Pick<ComfyUi, 'look' | 'open'>;
}

/** The largest file, which has to fit into memory as a whole. */
const LARGEST = 512_000_000;
/** The most that is kept in all. */
const ROOM = 64_000_000;
/** The number of files whose size is remembered. */
const MOST_KNOWN = 1_000;

interface Fetched {
  readonly session: SessionId;
  readonly bytes: Promise<Uint8Array>;
  /** Bytes; 0 while it is being fetched. */
  size: number;
}

/** The contents of outputs, fetched once for all callers, and kept within bounds. */
export class OutputBytes {
  /** In the order of use, the latest last. */
  readonly #fetched = new Map<string, Fetched>();
  readonly #sizes = new Map<string, { readonly session: SessionId; readonly size: number }>();
  /** Abort the transfers of each session. */
  readonly #controllers = new Map<SessionId, AbortController>();

  constructor(private readonly options: OutputBytesOptions) {}

  /** Bytes kept in total. */
  get kept(): number {
    return [...this.#fetched.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** @throws {ApiError}, or an `AbortError` if the session ended meanwhile. */
  async sizeOf(session: SessionId, file: OutputFile): Promise<number> {
    const id = idOf(session, file);
    const known = this.#sizes.get(id)?.size;
    if (known !== undefined) return known;
    const { size } = await this.options.comfyUi(session).look(file, this.#signalOf(session));
    if (size === undefined) return (await this.read(session, file)).length; // a gateway compresses it
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

  /**
   * Forgets a file that has changed or is gone; pending callers still get it. Without a file, forgets all of the
   * session.
   */
  forget(session: SessionId, file?: OutputFile): void {
    const isMeant = (id: string, one: { readonly session: SessionId }) =>
      file === undefined ? one.session === session : id === idOf(session, file);
    for (const [id, one] of this.#fetched) if (isMeant(id, one)) this.#fetched.delete(id);
    for (const [id, one] of this.#sizes) if (isMeant(id, one)) this.#sizes.delete(id);
  }

  /** Aborts everything of sessions that are over. */
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

  /** Drops what was used longest ago; a file that alone exceeds the room is not kept. */
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
