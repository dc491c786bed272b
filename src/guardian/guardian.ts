import type { Logger } from '../platform/logger';
import { isSame } from '../platform/maps';
import type { SessionId } from '../comfydeploy/model';
import type { ReceiptRecorder } from '../spending/receiptRecorder';
import type { Clock } from '../platform/clock';
import { Emitter, type Disposable } from '../platform/emitter';
import { findSession, type Snapshot } from '../sessions/snapshot';
import type { Store } from '../sessions/store';
import type { ActivityMonitor } from '../activity/activityMonitor';
import { momentOf, type Acts } from '../sessions/acts';
import type { Announcement } from './announcement';
import { decide, isWorthALook, keep, untilDue, type WorthALookInput } from './decide';
import { Deeds, type Decided } from './deeds';
import { GuardBook } from './guardBook';
import { textOf, type GuardState } from './guardState';
import type { Decision } from './policies';
import type { Intents } from '../sessions/intents';
import type { Journal } from '../platform/journal';
import { latestEnd, type Countdown } from './countdown';
import { moneyLimit, type MoneyLimitInput } from './ceilings';
import type { Leadership } from '../windows/leaderLease';
import type { GuardRules } from './guardRules';
import type { GuardInput } from './guardInput';
import type { PreferencesChange } from '../sessions/preferences';
import { SECOND } from '../platform/units';

export interface GuardianInput
  extends MoneyLimitInput, WorthALookInput, Pick<GuardInput, 'now' | 'work' | 'preferencesOf'> {
  readonly snapshot: Snapshot;
}

/** Who is told in this window, and what they want to be told. */
export interface Audience {
  /** Somebody is there to read a notice. */
  readonly isRead: () => boolean;
  readonly away: () => GuardInput['audience']['away'];
  /** Minutes before the end at which the user wants to be warned. */
  readonly warnAt: () => readonly number[];
}

export interface GuardianOptions {
  readonly facts: () => GuardianInput;
  readonly rules: () => GuardRules;
  readonly audience: Audience;
  readonly store: Pick<Store, 'extend' | 'cancel' | 'refresh'>;
  readonly acts: Pick<Acts, 'decide'>;
  readonly watch: Pick<ActivityMonitor, 'lookAt' | 'hurry'>;
  readonly seat: Pick<Leadership, 'isLeader' | 'confirm' | 'presence'>;
  readonly intents: Pick<Intents, 'read' | 'note'>;
  /** What goes into the receipts. */
  readonly books: Pick<ReceiptRecorder, 'note' | 'minutesByHand'>;
  /** Where it is written down what was said, for the account in use. */
  readonly journal: () => Promise<Journal>;
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
}

/** What changes without any news is looked at this often: a ceiling that is reached, what another window promised. */
const LONGEST_REST = 30 * SECOND;
/** A reminder of costs waits for the prices, but not for ever. */
const PATIENCE = 15 * SECOND;
const REST_OF_FOLLOWERS = 10 * SECOND;
/** With less left, a countdown that another window announced is not announced once more. */
const TOO_LATE = 5 * SECOND;

/** Speaks and acts on the user's behalf, in the one window that leads. */
export class Guardian implements Disposable {
  readonly #announced = new Emitter<Announcement>();
  readonly onDidAnnounce = this.#announced.event;
  readonly #changed = new Emitter<void>();
  /** A countdown began or was stopped, or preferences changed. */
  readonly onDidChange = this.#changed.event;
  readonly #book: GuardBook;
  readonly #deeds: Deeds;
  /** The countdowns told of in this window, by when they began. */
  #told: ReadonlyMap<SessionId, number> = new Map();
  #hurries = new Map<SessionId, Disposable>();
  #countdowns: ReadonlyMap<SessionId, number> = new Map();
  /** What is written down has been read since this window leads. */
  #isInformed = false;
  readonly #stagger: number;

  constructor(private readonly options: GuardianOptions) {
    const { journal, seat, clock, log, random } = options;
    this.#stagger = random();
    this.#book = new GuardBook({ journal, isLeader: () => seat.confirm(), clock, log });
    const tell = (told: Announcement) => this.#announced.fire(told);
    this.#deeds = new Deeds({ ...options, book: this.#book, input: () => this.#input(), tell });
  }

  /** When sessions will be ended unless somebody needs them, server time, ms. */
  get countdowns(): ReadonlyMap<SessionId, number> {
    return this.#countdowns;
  }

  /** Looks at what is known, and says and does what is due. */
  async round(): Promise<void> {
    const input = this.#input();
    if (!input) return;
    if (!this.options.seat.isLeader) return this.#follow();
    if (!this.#isInformed) await this.#book.read();
    this.#isInformed = true;
    const planned = decide(this.#book.state, input);
    if (!isNews(planned, this.#book.state)) return this.#publish();
    await this.#lookCloser(planned.decisions);
    if (!(await this.options.seat.confirm())) return this.#follow();
    await this.#judge();
  }

  /** How long until there is something to look at without any news, ms. */
  rest(): number | undefined {
    const input = this.#input();
    if (!input || input.ready.sessions.length === 0) return undefined;
    if (!this.options.seat.isLeader) return REST_OF_FOLLOWERS;
    return Math.min(LONGEST_REST, untilDue(this.#book.state, input));
  }

  /** The user needs it: it is not ended now, and what was to end it once does not. */
  async keep(id: SessionId): Promise<void> {
    const { facts, books } = this.options;
    const known = facts();
    void books.note(id, { kind: 'kept', why: 'asked' });
    const { change } = keep(this.#book.state, id, known);
    if (Object.keys(change).length > 0) await this.prefer(id, change);
    await this.#book.alter((state) => keep(state, id, known));
    this.#publish();
  }

  /** Its end is announced no more. */
  async mute(id: SessionId): Promise<void> {
    await this.#book.alter((state) => ({ state: { ...state, muted: new Set(state.muted).add(id) } }));
  }

  async prefer(id: SessionId, preferences: PreferencesChange): Promise<void> {
    await this.options.intents.note({ kind: 'wished', sessionId: id, wish: preferences });
    this.#changed.fire();
  }

  /** Another account or server. */
  reset(): void {
    this.#book.forget();
    this.#isInformed = false;
    this.#publish();
  }

  dispose(): void {
    for (const hurry of this.#hurries.values()) hurry.dispose();
    this.#announced.dispose();
    this.#changed.dispose();
  }

  #input(): GuardInput | undefined {
    const { facts, rules, audience, seat, books } = this.options;
    const [known, absence] = [facts(), audience.away()];
    const { snapshot: ready, now, localNow, work, preferencesOf, prices, ceilings } = known;
    if (ready.kind !== 'ready') return undefined;
    const isPriced = prices !== undefined || (absence && localNow - absence.until > PATIENCE);
    return {
      ready,
      now,
      localNow,
      stagger: this.#stagger,
      work,
      preferencesOf,
      presence: seat.presence,
      audience: { isRead: audience.isRead(), away: isPriced ? absence : undefined, warnAt: audience.warnAt() },
      rules: rules(),
      money: {
        get spending() {
          return known.spending;
        },
        ceilings,
        addedByHand: books.minutesByHand,
        limitOf: (session, minutes) => moneyLimit(known, session, minutes),
      },
    };
  }

  /** Others speak and act; what they promised is shown here, too. */
  async #follow(): Promise<void> {
    this.#isInformed = false;
    await this.options.intents.read();
    await this.#book.read();
    this.#publish();
  }

  /** Nothing is ended by an old reading, nor kept only because this window has not looked yet. */
  async #lookCloser(planned: readonly Decision[]): Promise<void> {
    const ending = planned.flatMap((one) => (one.kind === 'countdown' || one.kind === 'end' ? [one.session.id] : []));
    const { store, watch, intents, facts } = this.options;
    const { work } = facts();
    const inherited = [...this.#book.state.countdowns.keys()].filter((id) => !work.has(id));
    if (isWorthALook(planned, facts())) await store.refresh();
    if (ending.length > 0) await intents.read();
    await Promise.all([...new Set([...ending, ...inherited])].map((id) => watch.lookAt(id)));
  }

  /** What is decided counts from the moment that it was seen in, and not from when it was written down. */
  async #judge(): Promise<void> {
    const since = momentOf(this.options.clock);
    const input = this.#input();
    const verdict = input && (await this.#book.alter((state) => decide(state, input)));
    for (const decision of verdict?.decisions ?? []) this.#carryOut(decision, { since, at: input?.now ?? 0 });
    this.#publish();
  }

  /** Not waited for: the others must not wait for an answer that is long in coming. */
  #carryOut(decision: Decision, decided: Decided): void {
    switch (decision.kind) {
      case 'warn':
      case 'limit':
      case 'remind':
      case 'ceiling':
      case 'leaseLimit':
      case 'uncovered':
        return this.#announced.fire(decision);
      case 'countdown':
        return; // told of as long as it runs, see `#publish`
      case 'extend':
        return void this.#deeds.extend(decision, decided);
      case 'renew':
        return void this.#deeds.renew(decision, decided);
      case 'end':
        return void this.#deeds.end(decision, decided);
    }
  }

  /** Shows the countdowns that run, looks closely at their sessions, and tells of each once in this window. */
  #publish(): void {
    const { facts, seat } = this.options;
    const { snapshot, now } = facts();
    const running = [...this.#book.state.countdowns].filter(([id]) => findSession(snapshot, id)?.phase === 'ready');
    const before = this.#countdowns;
    this.#countdowns = new Map(running.map(([id, { endsAt }]) => [id, endsAt]));
    this.#hurry();
    if (seat.isLeader) for (const [id, countdown] of running) this.#tell(id, countdown, now);
    if (!isSame(before, this.#countdowns)) this.#changed.fire();
  }

  #tell(id: SessionId, countdown: Countdown, now: number): void {
    const session = findSession(this.options.facts().snapshot, id);
    if (session?.phase !== 'ready' || this.#told.get(id) === countdown.since || countdown.endsAt - now < TOO_LATE)
      return;
    this.#told = new Map(this.#told).set(id, countdown.since);
    const { rules, seat } = this.options;
    const mayBeSaved = rules().saveBeforeEnd || seat.presence.saving.has(id);
    const putOffUntil = mayBeSaved ? latestEnd(countdown) : undefined;
    this.#announced.fire({ kind: 'countdown', session, putOffUntil, ...countdown });
  }

  #hurry(): void {
    const { watch, seat } = this.options;
    const wanted = seat.isLeader ? this.#countdowns : new Map<SessionId, number>();
    for (const [id, hurry] of this.#hurries) {
      if (wanted.has(id)) continue;
      hurry.dispose();
      this.#hurries.delete(id);
    }
    for (const id of wanted.keys()) if (!this.#hurries.has(id)) this.#hurries.set(id, watch.hurry(id));
  }
}

/** While something is counted down, what another window wrote matters, so that this is news always. */
function isNews(
  { state, decisions }: { readonly state: GuardState; readonly decisions: readonly Decision[] },
  before: GuardState,
): boolean {
  return decisions.length > 0 || state.countdowns.size > 0 || textOf(state) !== textOf(before);
}
