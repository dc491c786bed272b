import * as l10n from '@vscode/l10n';
import { NotSent } from '../platform/errors';
import type { Permit } from '../platform/http';
import { lasted } from '../platform/durations';
import type { Clock } from '../platform/clock';

export interface ActsOptions {
  /** Whether this window leads; `isLeader` is what it last knew, `confirm` checks now. */
  readonly leadership: { readonly isLeader: boolean; confirm(): Promise<boolean> };
  readonly clock: Clocks;
}

export interface Terms {
  /** When the decision was made, if not now. */
  readonly since?: Moment;
  /** How long after that the request may still be sent, ms. */
  readonly lasts?: number;
  /** Only the leader may send it. */
  readonly isLed?: boolean;
  /** Reads the current state: whether the request is still right. */
  readonly isRight?: () => Promise<boolean>;
}

/** A moment on both clocks, since either of them may be set or stand still. */
export interface Moment {
  readonly wall: number;
  readonly steady: number;
}

type Clocks = Pick<Clock, 'now' | 'monotonic'>;

/** @param ahead ms. */
export function momentOf(clock: Clocks, ahead = 0): Moment {
  return { wall: clock.now() + ahead, steady: clock.monotonic() + ahead };
}

/** Time since that moment, ms, by the clock that advanced more: computer sleep may show on one of them only. */
export function elapsed(clock: Clocks, { wall, steady }: Moment): number {
  return Math.max(clock.now() - wall, clock.monotonic() - steady);
}

/** A request of the user expires after this, ms: enough to wait for its turn, too short to survive a closed lid. */
export const LASTS = 120_000;
/** A request decided on the user's behalf expires after this, ms. */
export const LASTS_UNASKED = 30_000;
/** A check made just before sending stays valid this long, ms. */
const FRESH = 10_000;

/**
 * Creates permits. A window may be frozen for hours between a decision and its request, so each request that changes
 * the bill carries a permit, which is checked again immediately before every send.
 */
export class Acts {
  #account = {};

  constructor(private readonly options: ActsOptions) {}

  /** The user agrees at this moment. */
  agreed(): Yes {
    return new Yes(this.options.clock, (terms) => this.decide(terms), this.#inUse());
  }

  decide(terms: Terms = {}): Permit {
    const { clock, leadership } = this.options;
    const { isLed = false, isRight, lasts = isLed ? LASTS_UNASKED : LASTS, since = momentOf(clock) } = terms;
    const account = this.#account;
    const check = () => {
      if (account !== this.#account) throw notSent(anotherAccount());
      if (elapsed(clock, since) > lasts) throw tooLate(elapsed(clock, since));
    };
    return async () => {
      check();
      const asked = momentOf(clock);
      if (isLed && !leadership.isLeader) throw notSent(anotherWindow());
      if (isRight && !(await isRight())) throw notSent(l10n.t('It is no longer right.'));
      if (isLed && !(await leadership.confirm())) throw notSent(anotherWindow());
      check();
      if (elapsed(clock, asked) > FRESH) throw tooLate(elapsed(clock, asked));
    };
  }

  /** Another account or server is in use: earlier decisions do not apply to it. */
  reset(): void {
    this.#account = {};
  }

  #inUse(): () => boolean {
    const account = this.#account;
    return () => account === this.#account;
  }
}

/**
 * The user's consent. Its age counts from the click, so it includes everything between that and the request: saving,
 * reading, waiting, a closed lid. When it is too old, the user has to be asked again.
 */
export class Yes {
  #since: Moment;

  constructor(
    private readonly clock: Clocks,
    private readonly decide: (terms: Terms) => Permit,
    /** Whether the account that the consent was given for is still in use. */
    private readonly isInUse: () => boolean,
  ) {
    this.#since = momentOf(clock);
  }

  get isOld(): boolean {
    return !this.isInUse() || elapsed(this.clock, this.#since) > LASTS;
  }

  /** The user has confirmed again. */
  repeat(): void {
    this.#since = momentOf(this.clock);
  }

  /**
   * Keeps the consent valid while a wait that the user agreed to goes on. Call it often: it has no effect once expired.
   */
  keepFresh(): void {
    if (!this.isOld) this.repeat();
  }

  /** @param isRight reads the current state: whether it is still what the user agreed to. */
  permit(isRight?: () => Promise<boolean>): Permit {
    const permit = this.decide({ since: this.#since, ...(isRight ? { isRight } : {}) });
    return async () => {
      if (!this.isInUse()) throw notSent(anotherAccount());
      await permit();
    };
  }
}

/** @param ms time between decision and request. */
function tooLate(ms: number): NotSent {
  return notSent(l10n.t('{0} passed before it could leave.', lasted(ms)));
}

const anotherWindow = () => l10n.t('Another window looks after it.');
const anotherAccount = () => l10n.t('Another account is in use now.');

/** @param why a sentence. */
function notSent(why: string): NotSent {
  return new NotSent(
    l10n.t({
      message: '{0} Nothing was sent. Do it again if you still want it.',
      args: [why],
      comment: ['{0} is a sentence: Another account is in use now.'],
    }),
  );
}

/** A permit that expires. @param lasts ms. */
export function youngPermit(clock: Clocks, since: Moment, lasts = LASTS): Permit {
  return () => {
    const age = elapsed(clock, since);
    return age > lasts ? Promise.reject(tooLate(age)) : Promise.resolve();
  };
}

/** Allows a request only if both permits do. */
export function bothOf(one: Permit, other: Permit): Permit {
  return async () => {
    await one();
    await other();
  };
}
