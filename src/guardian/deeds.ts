import { NotSent, toApiError, type ApiError } from '../platform/errors';
import type { Permit } from '../platform/http';
import type { Logger } from '../platform/logger';
import type { ReceiptRecorder } from '../spending/receiptRecorder';
import type { Store } from '../sessions/store';
import type { ActivityMonitor } from '../activity/activityMonitor';
import type { Acts, Moment } from '../sessions/acts';
import type { GuardFile } from './guardFile';
import type { Intents } from '../sessions/intents';
import type { Announcement } from './announcement';
import type { End } from './countdown';
import { isEndStillRight } from './decide';
import { stepFailed, type Extend } from './keepAlive';
import { isStillWanted, renewalFailed, type Renew } from './lease';
import { activityOf, type GuardInput } from './guardInput';
import { MINUTE } from '../platform/units';

export interface DeedsOptions {
  readonly store: Pick<Store, 'extend' | 'end'>;
  readonly acts: Pick<Acts, 'decide'>;
  readonly monitor: Pick<ActivityMonitor, 'lookAt'>;
  readonly intents: Pick<Intents, 'read'>;
  /** Writes the receipts. */
  readonly recorder: Pick<ReceiptRecorder, 'note'>;
  /** Server time, ms. */
  readonly appState: () => { readonly now: number };
  readonly guardSettings: () => Pick<GuardInput['guardSettings'], 'keepAliveUpTo'>;
  readonly log: Logger;
  readonly file: Pick<GuardFile, 'state' | 'read' | 'alter'>;
  /** Undefined while there is no snapshot. */
  readonly input: () => GuardInput | undefined;
  readonly announce: (announcement: Announcement) => void;
}

/** For the log. */
const DONE: Readonly<Record<(Extend | End | Renew)['kind'], string>> = {
  end: 'ended',
  extend: 'extended',
  renew: 'renewed',
};

/** When the state was read that the decision is based on. */
export interface Decided {
  readonly since: Moment;
  /** Server time, ms. */
  readonly at: number;
}

/** Carries out decisions of the guardian, each only if it is still right when the request leaves. */
export class Deeds {
  constructor(private readonly options: DeedsOptions) {}

  /** Never rejects. */
  async extend(act: Extend, { since }: Decided): Promise<void> {
    const { store, acts, recorder, file, log, guardSettings, announce } = this.options;
    const { session, minutes, added, isFirstTry } = act;
    const isRight = () => Promise.resolve(this.#isRendering(act));
    try {
      const permit = acts.decide({ since, isLed: true, isRight });
      const { session: after, wasThere } = await store.extend(session.id, minutes, undefined, permit);
      // If another window was faster, it has announced it, unless that was our own last try, whose answer was lost.
      if (wasThere && isFirstTry) return;
      log.info(
        `Kept session ${session.id} alive for ${minutes} min more, since it renders: ${added} of at most ${guardSettings().keepAliveUpTo} min.`,
      );
      void recorder.note(session.id, { kind: 'extended', by: 'guardian', why: 'rendering' });
      void recorder.note(session.id, { kind: 'kept', why: 'rendering' });
      const endsAt = 'endsAt' in after ? after.endsAt : session.endsAt;
      announce({ kind: 'extended', session, endsAt });
    } catch (thrown) {
      const error = toApiError(thrown);
      await file.alter((state) => ({
        state: { ...state, holds: stepFailed(state.holds, session.id, !error.outcomeUnknown) },
      }));
      this.#failed(act, error);
    }
  }

  /** Never rejects. Silent on success, since it happens every few minutes. */
  async renew(act: Renew, { since }: Decided): Promise<void> {
    const { store, acts, recorder, file, log, announce } = this.options;
    const { session, until, isBlind, isFirstTry } = act;
    const isRight = () => Promise.resolve(this.#isWanted(act));
    try {
      const permit = acts.decide({ since, isLed: true, isRight });
      const { session: after, wasThere } = await store.extend(session.id, { until }, undefined, permit);
      if (wasThere && isFirstTry) return;
      const endsAt = 'endsAt' in after ? after.endsAt : until;
      log.info(`Session ${session.id} is on a lease, renewed until ${new Date(endsAt).toISOString()}.`);
      void recorder.note(session.id, { kind: 'extended', by: 'guardian', why: 'lease' });
      if (isBlind) announce({ kind: 'renewedBlind', session, endsAt });
    } catch (thrown) {
      const error = toApiError(thrown);
      const isRefused = error.kind === 'refused' && !(error instanceof NotSent);
      await file.alter((state) => ({
        state: { ...state, leases: renewalFailed(state.leases, session.id, isRefused) },
      }));
      this.#failed({ ...act, isAnnounced: act.isAnnounced || isRefused }, error);
    }
  }

  /** Never rejects. */
  async end(act: End, decided: Decided): Promise<void> {
    const { store, log, announce } = this.options;
    const { session, why, idleSince } = act;
    try {
      await store.end(session.id, undefined, { by: 'guardian', permit: this.#permitToEnd(act, decided) });
      log.info(`Ended session ${session.id} automatically (${why}).`);
      const idleMinutes = Math.max(0, Math.floor((this.options.appState().now - idleSince) / MINUTE));
      announce({ kind: 'ended', session, why, idleMinutes });
    } catch (thrown) {
      this.#failed(act, toApiError(thrown));
    }
  }

  /** Records the reason in the receipt when the request leaves. */
  #permitToEnd(act: End, { since, at }: Decided): Permit {
    const { acts, recorder, appState } = this.options;
    const { session, why, idleSince } = act;
    const permit = acts.decide({ since, isLed: true, isRight: () => this.#isStillRight(act, at) });
    let isNoted = false;
    return async () => {
      await permit();
      if (isNoted) return;
      isNoted = true;
      const idleMinutes = Math.floor((appState().now - idleSince) / MINUTE);
      void recorder.note(session.id, { kind: 'ended', by: why, idleMinutes });
    };
  }

  /**
   * Checks the decision against a new reading of the queue and what any window has written meanwhile. @param decidedAt
   * server time, ms.
   */
  async #isStillRight({ session, why }: End, decidedAt: number): Promise<boolean> {
    const { monitor, intents, file, input } = this.options;
    const [read] = await Promise.all([monitor.lookAt(session), intents.read(), file.read()]);
    const now = input();
    if (!now || !read) return false;
    const work = new Map(now.work).set(session.id, read);
    return isEndStillRight({ session, why }, file.state, { ...now, work }, decidedAt);
  }

  #isRendering({ session }: Extend): boolean {
    const now = this.options.input();
    return now !== undefined && activityOf(now, session.id).kind === 'rendering';
  }

  #isWanted(act: Renew): boolean {
    const { input, file } = this.options;
    const now = input();
    return now !== undefined && isStillWanted(act, file.state.leases, now);
  }

  #failed(act: Extend | End | Renew, error: ApiError): void {
    const { log, announce } = this.options;
    log.warn(`Session ${act.session.id} could not be ${DONE[act.kind]}: ${error.message}`);
    // A request that was not sent is decided again, or was no longer right.
    const isAnnounced = act.kind === 'renew' ? act.isAnnounced : act.isFirstTry;
    if (isAnnounced && !(error instanceof NotSent)) announce({ kind: 'failed', act, error });
  }
}
