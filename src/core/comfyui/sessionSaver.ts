import { ApiError } from '../api/errors';
import type { Session, SessionId } from '../model';
import type { Facts } from '../present/facts';
import { unsavedLines } from '../present/savedText';
import { machineOf, type Snapshot } from '../state/snapshot';
import type { Web } from './client';
import { safeName } from './fileNames';
import type { Folder } from './folder';
import type { SaveProgress } from './savePace';
import { saveOutputs, type Saved } from './saver';
import { comfyUiOf } from './sessionPage';

/** The disks of this computer. */
export interface Disk {
  /** What the user typed as a folder, as an absolute path; undefined if it is none. */
  absolute(text: string): string | undefined;
  /** A folder in another, which is named by its absolute path. */
  folder(parent: string, name: string): Folder;
}

export interface SaveWishes {
  /** An absolute path. */
  readonly into: string;
  readonly signal: AbortSignal;
  readonly progress: (progress: SaveProgress) => void;
}

export interface SessionSaverOptions extends Web {
  readonly disk: Disk;
  readonly facts: () => Pick<Facts, 'snapshot' | 'saving'>;
}

/** Saves the outputs of sessions, each into a folder of its own. */
export class SessionSaver {
  readonly #busy = new Set<SessionId>();

  constructor(private readonly options: SessionSaverOptions) {}

  get busy(): readonly SessionId[] {
    return [...this.#busy];
  }

  /**
   * Two at once, in whichever windows, would write into the same files: the second is refused. What happens to single
   * files is told in the result.
   * @throws {ApiError | DiskError} if nothing could be begun, or an `AbortError`.
   */
  async save(session: Session, { into, signal, progress }: SaveWishes): Promise<Saved> {
    const { snapshot, saving } = this.options.facts();
    if (this.#busy.has(session.id) || saving.has(session.id))
      throw new ApiError('refused', 'The outputs of this session are being saved already. Wait for that to finish.');
    const comfyUi = comfyUiOf(session, this.options);
    const folder = this.options.disk.folder(into, folderNameOf(session, snapshot));
    this.#busy.add(session.id);
    try {
      const saved = await saveOutputs({ ...this.options, comfyUi, folder, signal, progress });
      for (const line of unsavedLines(saved)) this.options.log.warn(line);
      return saved;
    } finally {
      this.#busy.delete(session.id);
    }
  }

  /** How many prompts run or wait in it. @throws {ApiError}, or an `AbortError`. */
  async queue(session: Session, signal?: AbortSignal): Promise<number> {
    return comfyUiOf(session, this.options).queue(signal);
  }
}

const SHORT_ID = 8;

/** `2026-11-22 15.40 studio-machine A10G 1a2b3c4d`: in the order of time, and the same for every saving. */
function folderNameOf(session: Session, snapshot: Snapshot): string {
  const began = new Date(session.createdAt);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [began.getFullYear(), two(began.getMonth() + 1), two(began.getDate())].join('-');
  const time = `${two(began.getHours())}.${two(began.getMinutes())}`;
  const machine = safeName(machineOf(snapshot, session)?.name ?? 'machine', 60);
  return safeName([day, time, machine, session.gpu, session.id.slice(0, SHORT_ID)].join(' '));
}
