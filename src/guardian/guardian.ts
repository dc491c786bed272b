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
import { GuardFile } from './guardFile';
import { textOf, type GuardState } from './guardState';
import type { Decision } from './policies';
import type { Intents } from '../sessions/intents';
import type { Journal } from '../platform/journal';
import { latestEnd, type Countdown } from './countdown';
import { moneyLimit, type MoneyLimitInput } from './spendingLimits';
import type { Leadership } from '../windows/leaderLease';
import type { GuardSettings } from './guardSettings';
import type { GuardInput } from './guardInput';
import type { PreferencesChange } from '../sessions/preferences';
import { SECOND } from '../platform/units';

export interface GuardianInput
  extends MoneyLimitInput, WorthALookInput, Pick<GuardInput, 'now' | 'work' | 'preferencesOf'> {
  readonly snapshot: Snapshot;
}

/** Who sees announcements in this window, and what they want to see. */
export interface Audience {
  /** Whether somebody is present to read a notice. */
  readonly isRead: () => boolean;
  readonly away: () => GuardInput['audience']['away'];
  /** Minutes before the end at which the user wants to be warned. */
  readonly warnAt: () => readonly number[];
}

export interface GuardianOptions {
  readonly appState: () => GuardianInput;
  readonly guardSettings: () => GuardSettings;
  readonly audience: Audience;
  readonly store: Pick<Store, 'extend' | 'end' | 'refresh'>;
  readonly acts: Pick<Acts, 'decide'>;
  readonly monitor: Pick<ActivityMonitor, 'lookAt' | 'hurry'>;
  readonly leadership: Pick<Leadership, 'isLeader' | 'confirm' | 'presence'>;
  readonly intents: Pick<Intents, 'read' | 'note' | 'place'>;
  /** Writes the receipts. */
  readonly recorder: Pick<ReceiptRecorder, 'note' | 'minutesByHand'>;
  /** Where the guard state of the account in use is stored. */
  readonly journal: () => Promise<Journal>;
}

interface GuardianPorts {
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
}

/** How often to check for changes that cause no event: a reached spending limit, what another window scheduled. */
const LONGEST_REST = 30 * SECOND;
/** How long the reminder of costs waits for prices, ms. */
const PATIENCE = 15 * SECOND;
const REST_OF_FOLLOWERS = 10 * SECOND;
/** A countdown that another window announced is not repeated with less than this left, ms. */
const TOO_LATE = 5 * SECOND;

/** Announces and acts on the user's behalf, in the window that leads. */
export class Guardian implements Disposable {
  readonly #announced = new Emitter<Announcement>();
  readonly onDidAnnounce = this.#announced.event;
  readonly #changed = new Emitter<void>();
  /** A countdown started or stopped, or preferences changed. */
  readonly onDidChange = this.#changed.event;
  readonly #file: GuardFile;
  readonly #deeds: Deeds;
  /** The countdowns announced in this window, by their start. */
  #announcedSince: ReadonlyMap<SessionId, number> = new Map();
  #hurries = new Map<SessionId, Disposable>();
  #countdowns: ReadonlyMap<SessionId, number> = new Map();
  /** The shared state has been read since this window leads. */
  #isInformed = false;
  readonly #stagger: number;

  constructor(
    private readonly options: GuardianOptions,
    private readonly ports: GuardianPorts,
  ) {
    const { journal, leadership } = options;
    const { clock, log } = ports;
    this.#stagger = ports.random();
    this.#file = new GuardFile({ journal, isLeader: () => leadership.confirm(), clock, log });
    const announce = (announcement: Announcement) => this.#announced.fire(announcement);
    this.#deeds = new Deeds({ ...options, log, file: this.#file, input: () => this.#input(), announce });
  }

  /** When sessions are ended automatically unless the user keeps them, server time, ms. */
  get countdowns(): ReadonlyMap<SessionId, number> {
    return this.#countdowns;
  }

  /** Checks the current state, and announces and does what is due. */
  async round(): Promise<void> {
    const input = this.#input();
    if (!input) return;
    if (!this.options.leadership.isLeader) return this.#follow();
    if (!this.#isInformed) await this.#file.read();
    this.#isInformed = true;
    const planned = decide(this.#file.state, input);
    if (!isNews(planned, this.#file.state)) return this.#publish();
    await this.#lookCloser(planned.decisions);
    if (!(await this.options.leadership.confirm())) return this.#follow();
    await this.#judge();
  }

  /** How long until something may be due without an event, ms. */
  rest(): number | undefined {
    const input = this.#input();
    if (!input || input.ready.sessions.length === 0) return undefined;
    if (!this.options.leadership.isLeader) return REST_OF_FOLLOWERS;
    return Math.min(LONGEST_REST, untilDue(this.#file.state, input));
  }

  /** The user keeps the session: it is not ended now, and one-time reasons to end it are removed. */
  async keep(id: SessionId): Promise<void> {
    const { appState, recorder } = this.options;
    const known = appState();
    void recorder.note(id, { kind: 'kept', why: 'asked' });
    const { change } = keep(this.#file.state, id, known);
    if (Object.keys(change).length > 0) await this.prefer(id, change);
    await this.#file.alter((state) => keep(state, id, known));
    this.#publish();
  }

  /** Stops announcing the end of the session. */
  async mute(id: SessionId): Promise<void> {
    await this.#file.alter((state) => ({ state: { ...state, muted: new Set(state.muted).add(id) } }));
  }

  /**
   * @returns the folder that did not take it, so that it counts only here, and other windows, of which one may lead,
   * can't read it; undefined if they can.
   */
  async prefer(id: SessionId, preferences: PreferencesChange): Promise<string | undefined> {
    const { intents } = this.options;
    const isShared = await intents.note({ kind: 'wished', sessionId: id, wish: preferences });
    this.#changed.fire();
    return isShared ? undefined : intents.place;
  }

  /** Another account or server is in use. */
  reset(): void {
    this.#file.forget();
    this.#isInformed = false;
    this.#publish();
  }

  dispose(): void {
    for (const hurry of this.#hurries.values()) hurry.dispose();
    this.#announced.dispose();
    this.#changed.dispose();
  }

  #input(): GuardInput | undefined {
    const { appState, guardSettings, audience, leadership, recorder } = this.options;
    const [known, absence] = [appState(), audience.away()];
    const { snapshot: ready, now, localNow, work, preferencesOf, prices, limits } = known;
    if (ready.kind !== 'ready') return undefined;
    const isPriced = prices !== undefined || (absence && localNow - absence.until > PATIENCE);
    return {
      ready,
      now,
      localNow,
      stagger: this.#stagger,
      work,
      preferencesOf,
      presence: leadership.presence,
      audience: { isRead: audience.isRead(), away: isPriced ? absence : undefined, warnAt: audience.warnAt() },
      guardSettings: guardSettings(),
      money: {
        get spending() {
          return known.spending;
        },
        spendingLimits: limits.spendingLimits,
        addedByHand: recorder.minutesByHand,
        limitOf: (session, minutes) => moneyLimit(known, session, minutes),
      },
    };
  }

  /** Another window announces and acts; what it scheduled is shown here too. */
  async #follow(): Promise<void> {
    this.#isInformed = false;
    await this.options.intents.read();
    await this.#file.read();
    this.#publish();
  }

  /**
   * Before an end, or after taking over countdowns, queues are read again, so that no decision rests on an old or
   * missing reading.
   */
  async #lookCloser(planned: readonly Decision[]): Promise<void> {
    const ending = planned.flatMap((one) => (one.kind === 'countdown' || one.kind === 'end' ? [one.session.id] : []));
    const { store, monitor, intents, appState } = this.options;
    const { work } = appState();
    const inherited = [...this.#file.state.countdowns.keys()].filter((id) => !work.has(id));
    if (isWorthALook(planned, appState())) await store.refresh();
    if (ending.length > 0) await intents.read();
    await Promise.all([...new Set([...ending, ...inherited])].map((id) => monitor.lookAt(id)));
  }

  /** The age of a decision counts from when its input was read, not from when it was recorded. */
  async #judge(): Promise<void> {
    const since = momentOf(this.ports.clock);
    const input = this.#input();
    const verdict = input && (await this.#file.alter((state) => decide(state, input)));
    for (const decision of verdict?.decisions ?? []) this.#carryOut(decision, { since, at: input?.now ?? 0 });
    this.#publish();
  }

  /** Does not wait: one slow answer must not delay the others. */
  #carryOut(decision: Decision, decided: Decided): void {
    switch (decision.kind) {
      case 'warn':
      case 'limit':
      case 'remind':
      case 'spendingLimit':
      case 'leaseLimit':
      case 'uncovered':
        return this.#announced.fire(decision);
      case 'countdown':
        return; // announced by `#publish` for as long as it runs
      case 'extend':
        return void this.#deeds.extend(decision, decided);
      case 'renew':
        return void this.#deeds.renew(decision, decided);
      case 'end':
        return void this.#deeds.end(decision, decided);
    }
  }

  /** Shows the running countdowns, watches their sessions closely, and announces each once in this window. */
  #publish(): void {
    const { appState, leadership } = this.options;
    const { snapshot, now } = appState();
    const running = [...this.#file.state.countdowns].filter(([id]) => findSession(snapshot, id)?.phase === 'ready');
    const before = this.#countdowns;
    this.#countdowns = new Map(running.map(([id, { endsAt }]) => [id, endsAt]));
    this.#hurry();
    if (leadership.isLeader) for (const [id, countdown] of running) this.#announce(id, countdown, now);
    if (!isSame(before, this.#countdowns)) this.#changed.fire();
  }

  #announce(id: SessionId, countdown: Countdown, now: number): void {
    const session = findSession(this.options.appState().snapshot, id);
    if (
      session?.phase !== 'ready' ||
      this.#announcedSince.get(id) === countdown.since ||
      countdown.endsAt - now < TOO_LATE
    )
      return;
    this.#announcedSince = new Map(this.#announcedSince).set(id, countdown.since);
    const { guardSettings, leadership } = this.options;
    const mayBeSaved = guardSettings().saveBeforeEnd || leadership.presence.saving.has(id);
    const putOffUntil = mayBeSaved ? latestEnd(countdown) : undefined;
    this.#announced.fire({ kind: 'countdown', session, putOffUntil, ...countdown });
  }

  #hurry(): void {
    const { monitor, leadership } = this.options;
    const wanted = leadership.isLeader ? this.#countdowns : new Map<SessionId, number>();
    for (const [id, hurry] of this.#hurries) {
      if (wanted.has(id)) continue;
      hurry.dispose();
      this.#hurries.delete(id);
    }
    for (const id of wanted.keys()) if (!this.#hurries.has(id)) this.#hurries.set(id, monitor.hurry(id));
  }
}

/** Whether a round has something to do. While a countdown runs, always: what other windows wrote matters. */
function isNews(
  { state, decisions }: { readonly state: GuardState; readonly decisions: readonly Decision[] },
  before: GuardState,
): boolean {
  return decisions.length > 0 || state.countdowns.size > 0 || textOf(state) !== textOf(before);
}
