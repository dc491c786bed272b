import * as l10n from '@vscode/l10n';
import type { Prices, Session, SessionId } from '../../comfydeploy/model';
import { about, hourly } from '../../platform/dollars';
import type { Acts } from '../../sessions/acts';
import type { GuardPreferences } from '../../sessions/preferences';
import { sessionTitle } from '../../sessions/sessionText';
import { findSession, machinesOf, ownSessions, type Snapshot } from '../../sessions/snapshot';
import { costOf } from '../../spending/cost';
import { usableSession } from '../../workflows/ui/sessionForWork';
import { machineNamed } from '../startable';
import type { TaskDefinition } from '../taskDefinition';
import { saveAndEnd, type EndContext } from './endSessions';
import type { SayLine } from './taskTerminal';

export interface TaskSessionsContext {
  readonly appState: () => {
    readonly snapshot: Snapshot;
    /** Server time, ms. */
    readonly now: number;
    readonly prices: Prices | undefined;
    readonly preferencesOf: (id: SessionId) => Pick<GuardPreferences, 'lease'>;
  };
  readonly acts: Pick<Acts, 'agreed'>;
  readonly ending: EndContext;
}

/** A session as one task uses it. */
export interface Joined {
  readonly session: Session;
  /** Whether this task has started it. */
  readonly isStarter: boolean;
}

/** How a task leaves its session. */
interface Leaving {
  /** Something rendered could not be saved: it would be lost with the session. */
  readonly isUnsaved: boolean;
  readonly isCancelled: boolean;
}

/** A session while tasks use it. */
interface Use {
  users: number;
  /** When a task started it, server time, ms; undefined for a session of the user's. */
  readonly startedAt: number | undefined;
  /** What the task that started it wants, unless another one leaves something unsaved. */
  isToEnd: boolean;
}

/** The sessions that the tasks of this window use. Tasks share them; the last task that leaves one ends it. */
export class TaskSessions {
  readonly #uses = new Map<SessionId, Use>();
  #joining: Promise<unknown> = Promise.resolve();

  constructor(private readonly context: TaskSessionsContext) {}

  /**
   * A session of the user's that fits, or else a new one. One task at a time, so that the next one finds what the one
   * before has started. @returns what `start` returns instead of a session, if it does.
   */
  join<T extends number>(task: TaskDefinition, start: () => Promise<Session | T>): Promise<Joined | T> {
    const joined = this.#joining.then(() => this.#join(task, start));
    this.#joining = joined.catch(() => undefined);
    return joined;
  }

  /** Ends the session if a task has started it, nobody else uses it, and it is to end. */
  async leave({ session: { id }, isStarter }: Joined, leaving: Leaving, task: TaskDefinition, say: SayLine) {
    const use = this.#uses.get(id);
    if (!use) return;
    const { isCancelled, isUnsaved } = leaving;
    if (isStarter) use.isToEnd &&= isCancelled || (task.endWhenDone && !isUnsaved);
    else use.isToEnd &&= isCancelled || !isUnsaved;
    if (--use.users > 0) return;
    this.#uses.delete(id);
    const { appState, acts, ending } = this.context;
    const session = findSession(appState().snapshot, id);
    if (use.startedAt === undefined || !session) return;
    if (use.isToEnd) await saveAndEnd(ending, [session], acts.agreed());
    this.#tell(session, use.startedAt, say);
  }

  async #join<T extends number>(task: TaskDefinition, start: () => Promise<Session | T>): Promise<Joined | T> {
    const from = this.context.appState().now;
    const running = this.#runningFor(task);
    const session = running ?? (await start());
    if (typeof session === 'number') return session;
    const isStarter = !running;
    const startedAt = isStarter ? (session.createdAt ?? from) : undefined;
    const use = this.#uses.get(session.id) ?? { users: 0, startedAt, isToEnd: isStarter };
    use.users++;
    this.#uses.set(session.id, use);
    return { session, isStarter };
  }

  /** The user's own sessions only. */
  #runningFor({ machine: name, gpu }: TaskDefinition): Session | undefined {
    const { snapshot } = this.context.appState();
    const machine = machineNamed(machinesOf(snapshot), name);
    return ownSessions(snapshot).find(
      (session) =>
        usableSession(snapshot, session.id) &&
        (name === undefined || session.machineId === machine?.id) &&
        (gpu === undefined || session.gpu === gpu),
    );
  }

  /** The user may have kept it, and its end may not be proven yet. */
  #tell(before: Session, from: number, say: SayLine): void {
    const { snapshot, now, prices } = this.context.appState();
    const session = findSession(snapshot, before.id);
    const price = prices?.get(before.gpu);
    if (!session) {
      if (price !== undefined) say(l10n.t('Total cost: {0}.', about(costOf(price, now - from))));
      return say(l10n.t('The session has ended.'));
    }
    if (session.phase === 'ending') return say(l10n.t('Ending {0}', sessionTitle(session, snapshot)));
    const name = machinesOf(snapshot).find(({ id }) => id === session.machineId)?.name ?? session.gpu;
    say(
      price === undefined
        ? l10n.t('Your session on {0} keeps running and is billed.', name)
        : l10n.t('Your session on {0} keeps running and is billed, about {1}.', name, hourly(price)),
    );
  }
}
