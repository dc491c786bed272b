import type { ActivityMonitor } from '../../activity/activityMonitor';
import { pageOf, type Session, type SessionId, type Work } from '../../comfydeploy/model';
import type { Web } from '../../comfyui/connection';
import { readNodeList } from '../../comfyui/nodeList';
import { addressOf } from '../../page/ui/opening';
import { isAbort } from '../../platform/errors';
import { reasonOf } from '../../platform/journal';
import { Slices } from '../../platform/slices';
import { SECOND } from '../../platform/units';
import { ownSessions, type Snapshot } from '../../sessions/snapshot';
import type { LeaderLease } from '../../windows/leaderLease';
import type { KeptNodes } from '../keptNodes';

export interface NodeListsContext {
  readonly web: Web;
  readonly kept: KeptNodes;
  readonly snapshot: () => Snapshot;
  readonly monitor: Pick<ActivityMonitor, 'current'>;
  /** Of several windows, the leader reads automatically. */
  readonly leadership: Pick<LeaderLease, 'isLeader'>;
}

/**
 * ComfyUI answers nobody else while it builds its list, so only a session that has been idle for this long is asked
 * automatically, ms.
 */
const RESTED = 30 * SECOND;

/** The node lists of sessions. Each is read once, and stored for when no session runs. */
export class NodeLists {
  /** Of the session that was read last: it has the same nodes until it ends. */
  #last: { readonly id: SessionId; readonly text: string } | undefined;
  /** Sessions whose list is stored, or could not be read. */
  readonly #done = new Set<SessionId>();
  readonly #closed = new AbortController();
  #isReading = false;

  constructor(private readonly context: NodeListsContext) {}

  /** @throws {ApiError}, or an `AbortError`. */
  async ofSession(session: Session, signal: AbortSignal): Promise<string> {
    if (this.#last?.id === session.id) return this.#last.text;
    const text = await readNodeList(addressOf(session), this.context.web, signal);
    this.#last = { id: session.id, text };
    if (!this.#done.has(session.id)) void this.#keep(session, text);
    return text;
  }

  /** Of any machine: the newest that is stored, or else that of a session that runs. */
  async newest(): ReturnType<KeptNodes['newest']> {
    const running = ownSessions(this.context.snapshot()).find((session) => pageOf(session) !== undefined);
    const read = async (session: Session) => this.ofSession(session, this.#closed.signal).catch(() => undefined); // names are not worth an error message
    return (await this.context.kept.newest()) ?? (running && { key: running.id, read: () => read(running) });
  }

  /** Reads the list of an idle session of the user's, if it was not read since the session began. */
  look(): void {
    const { snapshot, monitor, leadership } = this.context;
    if (this.#isReading || !leadership.isLeader) return;
    const rested = ownSessions(snapshot()).find(
      (session) =>
        !this.#done.has(session.id) && pageOf(session) !== undefined && isRested(monitor.current.get(session.id)),
    );
    if (rested) void this.#readUnasked(rested);
  }

  dispose(): void {
    this.#closed.abort();
  }

  async #readUnasked(session: Session): Promise<void> {
    const { kept, web } = this.context;
    this.#isReading = true;
    try {
      const known = (await kept.all()).find(({ versionId }) => versionId === session.machineVersionId);
      if (known && known.at > (session.createdAt ?? Infinity)) this.#done.add(session.id);
      else await this.#keep(session, await readNodeList(addressOf(session), web, this.#closed.signal));
    } catch (error) {
      this.#failed(session, error);
    } finally {
      this.#isReading = false;
    }
  }

  async #keep(session: Session, text: string): Promise<void> {
    const { machineId, machineVersionId } = session;
    this.#done.add(session.id);
    if (machineId === undefined || machineVersionId === undefined) return;
    try {
      const { shortNodes } = await import('../conversion');
      const short = await shortNodes(text, new Slices(this.context.web.clock, this.#closed.signal));
      if (short !== undefined) await this.context.kept.keep(machineId, machineVersionId, short);
    } catch (error) {
      this.#failed(session, error);
    }
  }

  /** Nobody requested it, and checks work without it. */
  #failed({ id }: Session, error: unknown): void {
    this.#done.add(id);
    if (!isAbort(error)) this.context.web.log.warn(`a list of nodes was not kept: ${reasonOf(error)}`);
  }
}

/** Both times are server times. */
function isRested(work: Work | undefined): boolean {
  return work?.activity.kind === 'idle' && work.readAt - work.activity.since >= RESTED;
}
