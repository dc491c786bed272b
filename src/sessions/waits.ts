import * as l10n from '@vscode/l10n';
import { ApiError, toApiError } from '../platform/errors';
import { failing } from '../platform/failureText';
import { pageOf, type Machine, type Session, type SessionId } from '../comfydeploy/model';
import type { Clock } from '../platform/clock';
import type { Disposable } from '../platform/emitter';
import { doubtOf } from './doubt';
import { findSession, type Ended, type Snapshot } from './snapshot';
import { failedStartText, type StartReason } from './startReason';
import type { Store } from './store';

type FollowedStore = Pick<Store, 'snapshot' | 'follows' | 'onDidChange' | 'onDidEnd'>;

/** The session never became ready. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';

  constructor(readonly why: Ended['why'] | 'signedOut') {
    super('The session did not start.');
  }
}

/** The message for the user; the session's log can still be read. */
export class StartFailed extends ApiError {
  constructor(
    readonly sessionId: SessionId,
    message: string,
  ) {
    super('refused', message);
  }
}

/** The server only makes a failed session disappear; the reason is in its log, or in what its container recorded. */
export async function explainStart(
  { id, name }: { readonly id: SessionId; readonly name: string },
  { why }: NotStarted,
  look: () => Promise<StartReason | undefined>,
): Promise<undefined> {
  switch (why) {
    case 'asked':
    case 'signedOut':
      return undefined;
    case 'deadline':
      throw new StartFailed(
        id,
        l10n.t('{0} ran out of time before it was ready. Start it again with more time.', name),
      );
    case 'failedToStart':
    case 'elsewhere':
      throw new StartFailed(id, failedStartText(name, await look()));
  }
}

/** Resolves when the session has a page to open. @throws {NotStarted}, or the signal's reason. */
export function untilReady(store: FollowedStore, id: SessionId, signal: AbortSignal): Promise<Session> {
  // It may have failed before anybody could wait for it.
  if (!store.follows(id) && !findSession(store.snapshot, id)) return Promise.reject(new NotStarted('failedToStart'));
  return until(store, signal, (snapshot, ended) => {
    if (ended?.session.id === id) throw new NotStarted(ended.why);
    if (snapshot.kind === 'signedOut' || snapshot.kind === 'loading') throw new NotStarted('signedOut');
    const session = findSession(snapshot, id);
    if (isClosed(session)) throw new NotStarted('asked');
    return session && pageOf(session) ? session : undefined;
  });
}

/** Resolves true when the session is certainly over; false if that takes longer than `ms` or stays unknown. */
export async function untilGone(store: FollowedStore, clock: Clock, id: SessionId, ms: number): Promise<boolean> {
  const patience = new AbortController();
  const alarm = clock.after(ms, () => patience.abort());
  const gone = until(store, patience.signal, (snapshot) => {
    if (snapshot.kind !== 'ready') return undefined;
    const session = findSession(snapshot, id);
    if (!session) return true;
    return isClosed(session) ? false : undefined;
  });
  return gone.catch(() => false).finally(() => alarm.dispose());
}

/** The server has closed it, and its container may run, or runs. */
function isClosed(session: Session | undefined): boolean {
  const doubt = doubtOf(session);
  return doubt !== undefined && doubt.kind !== 'tooSoon';
}

export function until<T>(
  store: FollowedStore,
  signal: AbortSignal,
  look: (snapshot: Snapshot, ended?: Ended) => T | undefined,
): Promise<T> {
  const subscriptions: Disposable[] = [];
  return new Promise<T>((resolve, reject) => {
    const settle = (ended?: Ended) => {
      try {
        signal.throwIfAborted();
        const found = look(store.snapshot, ended);
        if (found !== undefined) resolve(found);
      } catch (error) {
        reject(error instanceof Error ? error : new Error('aborted', { cause: error }));
      }
    };
    const onAbort = () => settle();
    signal.addEventListener('abort', onAbort, { once: true });
    subscriptions.push(
      store.onDidChange(() => settle()),
      store.onDidEnd(settle),
      {
        dispose: () => signal.removeEventListener('abort', onAbort),
      },
    );
    settle();
  }).finally(() => {
    for (const subscription of subscriptions) subscription.dispose();
  });
}

/** After a lost answer there may be a session anyway. */
export function unstarted({ name }: Pick<Machine, 'name'>, error: unknown): unknown {
  const isOpen = toApiError(error).outcomeUnknown;
  const what = isOpen
    ? l10n.t('A session may not have started on {0}', name)
    : l10n.t('No session was started on {0}', name);
  return failing(what, error);
}
