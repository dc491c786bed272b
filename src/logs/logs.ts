import type { ComfyDeployClient } from '../comfydeploy/client';
import type { SessionId } from '../comfydeploy/model';
import type { Clock } from '../platform/clock';
import { together, type Disposable } from '../platform/emitter';
import { LiveLog, type HowEnded } from './liveLog';
import { machinesOf, type Ended } from '../sessions/snapshot';
import type { Store } from '../sessions/store';

/** Logs without readers that are kept in case they are read again. */
const UNREAD_KEPT = 3;
const ENDINGS_KEPT = 100;

/** A log and its reader; disposed when it is no longer read. */
export interface FollowedLog extends Disposable {
  readonly log: LiveLog;
}

export interface LogsOptions {
  readonly api: Pick<ComfyDeployClient, 'streamLog' | 'streamBuildLog'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

interface Shared {
  readonly log: LiveLog;
  readers: number;
}

/** One log and one connection for each session, however many readers it has; none without readers. */
export class Logs implements Disposable {
  /** In the order of use, the latest last. */
  readonly #logs = new Map<SessionId, Shared>();
  readonly #endings = new Map<SessionId, Ended['why']>();
  readonly #subscription: Disposable;

  constructor(
    private readonly sources: LogsOptions,
    private readonly store: Pick<Store, 'snapshot' | 'follows' | 'onDidChange' | 'onDidEnd'>,
  ) {
    this.#subscription = store.onDidEnd(({ session: { id }, why }) => this.#noteEnd(id, why));
  }

  /** @param changed called after each change, until disposed. */
  readonly follow = (id: SessionId, changed: () => void): FollowedLog => {
    const shared = this.#logs.get(id) ?? { log: this.#logOf(id), readers: 0 };
    this.#touch(id, shared);
    shared.readers++;
    const subscription = shared.log.onDidChange(changed);
    shared.log.resume();
    let isFollowed = true;
    const dispose = () => {
      subscription.dispose();
      if (isFollowed) this.#leave(id, shared);
      isFollowed = false;
    };
    return { log: shared.log, dispose };
  };

  /** The log of a machine version's build, until the build is over. */
  readonly followBuild = (version: string, changed: () => void): FollowedLog => {
    const { api, clock, random } = this.sources;
    const stream = (signal: AbortSignal) => api.streamBuildLog(version, signal);
    const endOf = () => (this.#isBuilding(version) ? undefined : 'unknown');
    const log = new LiveLog({ clock, random, stream, endOf });
    log.onDidChange(changed);
    const subscription = this.store.onDidChange(() => {
      if (endOf()) log.end('unknown');
    });
    log.resume();
    return { log, dispose: () => together([subscription, log]).dispose() };
  };

  /** Another account or key is in use: logs with readers are read on for as long as the server allows. */
  reset(): void {
    this.#endings.clear();
    this.#forget((readers) => readers === 0, 0);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#forget(() => true, 0);
  }

  #leave(id: SessionId, shared: Shared): void {
    shared.readers--;
    if (shared.readers > 0 || this.#logs.get(id) !== shared) return;
    shared.log.pause();
    this.#touch(id, shared);
    this.#forget((readers) => readers === 0, UNREAD_KEPT);
  }

  /** Drops logs with a matching number of readers, except the latest ones. */
  #forget(isMeant: (readers: number) => boolean, kept: number): void {
    const meant = [...this.#logs].filter(([, { readers }]) => isMeant(readers));
    for (const [id, { log }] of meant.slice(0, Math.max(0, meant.length - kept))) {
      log.dispose();
      this.#logs.delete(id);
    }
  }

  #logOf(id: SessionId): LiveLog {
    const { api, clock, random } = this.sources;
    const stream = (signal: AbortSignal) => api.streamLog(id, signal);
    return new LiveLog({ clock, random, stream, endOf: () => this.#endOf(id) });
  }

  #touch(id: SessionId, shared: Shared): void {
    this.#logs.delete(id);
    this.#logs.set(id, shared);
  }

  #noteEnd(id: SessionId, why: Ended['why']): void {
    this.#endings.set(id, why);
    const [oldest] = this.#endings.keys();
    if (this.#endings.size > ENDINGS_KEPT && oldest !== undefined) this.#endings.delete(oldest);
    this.#logs.get(id)?.log.end(why);
  }

  /**
   * A build's stream stays open after its end, which only the machine's status shows. An unknown version may still be
   * building.
   */
  #isBuilding(version: string): boolean {
    const { snapshot } = this.store;
    if (snapshot.kind !== 'ready') return true;
    const machine = machinesOf(snapshot).find(({ versionId }) => versionId === version);
    return machine ? machine.status === 'building' : snapshot.machines.length === 0;
  }

  #endOf(id: SessionId): HowEnded | undefined {
    const isGone = this.store.snapshot.kind === 'ready' && !this.store.follows(id);
    return this.#endings.get(id) ?? (isGone ? 'unknown' : undefined);
  }
}
