import * as l10n from '@vscode/l10n';
import { NotSent } from '../platform/errors';
import type { Permit } from '../platform/http';
import { minutesText } from '../platform/durations';
import type { Clock } from '../platform/clock';
import { MINUTE } from '../platform/units';

export interface ActsOptions {
  /** Whether this window acts on behalf of all, as far as it knows and once it has looked. */
  readonly leadership: { readonly isLeader: boolean; confirm(): Promise<boolean> };
  readonly clock: Clocks;
}

export interface Terms {
  /** When it was decided, if not now. */
  readonly since?: Moment;
  /** How long it may be sent from then on, ms. */
  readonly lasts?: number;
  /** Only by the leader. */
  readonly isLed?: boolean;
  /** A reading made now: whether it is still right. */
  readonly isRight?: () => Promise<boolean>;
}

/** On both clocks: each of them may stand still, or be set. */
export interface Moment {
  readonly wall: number;
  readonly steady: number;
}

type Clocks = Pick<Clock, 'now' | 'monotonic'>;

/** @param ahead ms. */
export function momentOf(clock: Clocks, ahead = 0): Moment {
  return { wall: clock.now() + ahead, steady: clock.monotonic() + ahead };
}

/** By the clock that has gone further: a sleep may show on one of them only. ms. */
export function elapsed(clock: Clocks, { wall, steady }: Moment): number {
  return Math.max(clock.now() - wall, clock.monotonic() - steady);
}

/** What the user asks for waits for its turn, but not for a lid to be opened again, ms. */
export const LASTS = 120_000;
/** What is decided on the user's behalf, ms. */
export const LASTS_UNASKED = 30_000;
/** What was looked at just before is true for so long, ms. */
const FRESH = 10_000;

/**
 * What changes the bill is a value with an expiry: between the decision and the request a window may be frozen for hours.
 * Whatever is decided here is looked at once more just before it leaves, each time it does.
 */
export class Acts {
  #account = {};

  constructor(private readonly options: ActsOptions) {}

  /** The user has just said yes, in this very moment. */
  agreed(): Yes {
    return new Yes(this.options.clock, (terms) => this.decide(terms), this.#inUse());
  }

  decide(terms: Terms = {}): Permit {
    const { clock, leadership } = this.options;
    const { isLed = false, isRight, lasts = isLed ? LASTS_UNASKED : LASTS, since = momentOf(clock) } = terms;
    const account = this.#account;
    const check = () => {
      if (account !== this.#account) throw anotherAccount();
      if (elapsed(clock, since) > lasts) throw tooLate(elapsed(clock, since));
    };
    return async () => {
      check();
      const asked = momentOf(clock);
      if (isLed && !leadership.isLeader) throw anotherWindow();
      if (isRight && !(await isRight()))
        throw new NotSent(l10n.t('Nothing was sent, since it is no longer right. Do it again if you still want it.'));
      if (isLed && !(await leadership.confirm())) throw anotherWindow();
      check();
      if (elapsed(clock, asked) > FRESH) throw tooLate(elapsed(clock, asked));
    };
  }

  /** Another account or server: what was decided before is not for this one. */
  reset(): void {
    this.#account = {};
  }

  #inUse(): () => boolean {
    const account = this.#account;
    return () => account === this.#account;
  }
}

/**
 * What the user agreed to. It counts from the click, so that all that stands between that and the request is in its age:
 * a saving, a reading, a wait, a closed lid. What is too old has to be asked again.
 */
export class Yes {
  #since: Moment;

  constructor(
    private readonly clock: Clocks,
    private readonly decide: (terms: Terms) => Permit,
    /** Whether the account that it was given for is in use. */
    private readonly isInUse: () => boolean,
  ) {
    this.#since = momentOf(clock);
  }

  get isOld(): boolean {
    return !this.isInUse() || elapsed(this.clock, this.#since) > LASTS;
  }

  /** The user has just said so once more. */
  repeat(): void {
    this.#since = momentOf(this.clock);
  }

  /** Waiting was agreed to as well, as long as this window is awake: to be called often meanwhile. */
  keepFresh(): void {
    if (!this.isOld) this.repeat();
  }

  /** @param isRight a reading made now: whether it is still what was agreed to. */
  permit(isRight?: () => Promise<boolean>): Permit {
    const permit = this.decide({ since: this.#since, ...(isRight ? { isRight } : {}) });
    return async () => {
      if (!this.isInUse()) throw anotherAccount();
      await permit();
    };
  }
}

/** @param ms how long it took. */
function tooLate(ms: number): NotSent {
  if (ms < 90_000)
    return new NotSent(
      l10n.t('Nothing was sent, since too much time passed before it could leave. Do it again if you still want it.'),
    );
  const time = minutesText(Math.round(ms / MINUTE));
  return new NotSent(
    l10n.t('Nothing was sent, since {0} passed before it could leave. Do it again if you still want it.', time),
  );
}

function anotherWindow(): NotSent {
  return new NotSent(
    l10n.t('Nothing was sent, since another window looks after it. Do it again if you still want it.'),
  );
}

function anotherAccount(): NotSent {
  return new NotSent(
    l10n.t('Nothing was sent, since another account is in use now. Do it again if you still want it.'),
  );
}

/** Only while what it rests on is young. @param lasts ms. */
export function youngPermit(clock: Clocks, since: Moment, lasts = LASTS): Permit {
  return () => {
    const age = elapsed(clock, since);
    return age > lasts ? Promise.reject(tooLate(age)) : Promise.resolve();
  };
}

/** Both must allow it. */
export function bothOf(one: Permit, other: Permit): Permit {
  return async () => {
    await one();
    await other();
  };
}
