import assert from 'node:assert/strict';
import type { Announcement } from '../../src/guardian/announcement';
import { preferencesFrom, type GuardPreferences, type PreferencesChange } from '../../src/sessions/preferences';
import type { SessionId } from '../../src/comfydeploy/model';
import { sessionId } from '../fakes/setup';
import type { SessionRecord } from '../simulator/model';
import type { Life } from './life';
import type { Troubles } from './troubles';
import type { Leaving, Window, Windows } from './windows';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** For how long a check just before an end is valid. */
const FRESH = 10 * SECOND;
/** How old a reading of the queue may be when something is added because of it. */
const READING = 60 * SECOND;
/** Dates of answers are whole seconds. */
const SLACK = 2 * SECOND;
const SETTLED = 10 * SECOND;
const NEAR = 3 * MINUTE;
const STEP = 5 * MINUTE;
const COUNTDOWN = MINUTE;
/** The guardian no longer announces what has less time left than this. */
const TOLD_BEFORE = 5 * SECOND;
const LONGEST_SAVING = 15 * MINUTE;
/** Within this time every window knows what was announced and preferred in another one. */
const HEARD = 25 * SECOND;
/** After this long without faults, none of their effects is left. */
const CALM = 5 * MINUTE;

export interface Rules {
  /** For each window; both have the first one's if they share their storage. */
  readonly usual: readonly [GuardPreferences, GuardPreferences] | readonly GuardPreferences[];
  readonly keepAliveUpTo: number;
  readonly spendingLimit: number | undefined;
  readonly isApart: boolean;
}

/** A preference for one session in one editor, from the moment it was set. */
interface InForce {
  readonly preferences: GuardPreferences;
  readonly from: number;
  /** By then every window knows the next preference; undefined while this one is in force. */
  to: number | undefined;
}

/** Watches everything that windows send and announce, and checks whether they may. */
export class GuardJudge {
  readonly #wrong: string[] = [];
  readonly #lives = new Map<Life, number>();
  readonly #openedAt: [number, number] = [0, 0];
  readonly #preferences = new Map<string, InForce[]>();
  readonly #kept = new Map<string, number>();
  readonly #uses = new Map<number, { readonly id: SessionId; readonly since: number }>();
  readonly #saves = new Map<number, { readonly id: SessionId; readonly since: number }>();
  readonly #cancels = new Map<SessionId, { readonly at: number; readonly life: Life }>();
  readonly #ends = new Set<SessionId>();
  readonly #byHand = new Map<SessionId, number>();
  readonly #handsOn = new Set<SessionId>();
  readonly #said = new Map<string, { readonly isSure: boolean }>();
  /** Countdowns that any window announced. While the disk fails, each window has its own. */
  readonly #countdowns = new Map<string, { readonly since: number; readonly at: number }[]>();
  readonly #unreadable = new Map<SessionId, number>();
  readonly #expired = new Set<string>();

  constructor(
    private readonly windows: Windows,
    private readonly troubles: Troubles,
    private readonly rules: Rules,
  ) {}

  opened(nth: number, { life, app }: Window): void {
    this.#lives.set(life, nth);
    this.#openedAt[nth] = this.#now;
    const announced = new Set<string>();
    app.guardian.onDidAnnounce((said) => this.#hear(nth, said, announced));
  }

  gone(nth: number): void {
    this.#uses.delete(nth);
    this.#saves.delete(nth);
  }

  /** For a while its queue, or only its history, cannot be read. */
  fail(id: SessionId, seconds: number, isAll: boolean): void {
    const work = this.windows.renders.of(id);
    if (!work) return;
    work.comfyUi.failing = isAll ? 'everything' : '/history';
    this.#unreadable.set(id, this.#now + seconds * SECOND);
    this.windows.clock.after(seconds * SECOND, () => (work.comfyUi.failing = 'nothing'));
  }

  uses(nth: number, [id]: readonly SessionId[]): void {
    note(this.#uses, nth, id, this.#now);
  }

  saves(nth: number, [id]: readonly SessionId[]): void {
    note(this.#saves, nth, id, this.#now);
  }

  /** Call the result once the window has reported that it is done. */
  kept(nth: number, id: SessionId): () => void {
    const wasInOrder = this.#isInOrder();
    const done = this.preferred(nth, id, { finishThenEnd: false });
    return () => {
      done();
      if (wasInOrder && this.#isInOrder()) this.#kept.set(this.#key(nth, id), this.#now);
    };
  }

  /**
   * The same for a preference: until the result is called the earlier one may be in force, and longer where a disk
   * fails.
   */
  preferred(nth: number, id: SessionId, change: PreferencesChange): () => void {
    const wasInOrder = this.#isInOrder();
    const known = this.#inForce(nth, id);
    const last = known.at(-1);
    if (!last) return () => undefined;
    known.push({ preferences: preferencesFrom(last.preferences, change), from: this.#now, to: undefined });
    return () => {
      if (wasInOrder && this.#isInOrder()) for (const one of known.slice(0, -1)) one.to ??= this.#now;
    };
  }

  extended(id: SessionId, minutes: number): void {
    this.#byHand.set(id, (this.#byHand.get(id) ?? 0) + minutes);
    this.#handsOn.add(id);
  }

  handsOff(id: SessionId): void {
    this.#handsOn.delete(id);
  }

  cancelled(id: SessionId, life: Life): void {
    this.#cancels.set(id, { at: this.#now, life });
  }

  leaving({ method, path, life }: Leaving): void {
    const [, , kind, id, what] = path.split('/');
    if (kind !== 'session' || id === undefined) return;
    const nth = this.#lives.get(life) ?? 0;
    if (method === 'DELETE') this.#judgeEnd(sessionId(id), nth);
    if (method === 'POST' && what === 'increase-timeout') this.#judgeExtension(sessionId(id));
  }

  assertRight(): void {
    for (const record of this.windows.simulator.control.sessions()) {
      this.#judgeLength(record);
      this.#judgeExpiry(record);
    }
    assert.deepEqual(this.#wrong, []);
  }

  #isInOrder(): boolean {
    return !this.troubles.isOn;
  }

  get #now(): number {
    return this.windows.clock.now();
  }

  #key(nth: number, id: SessionId): string {
    return `${this.rules.isApart ? nth : 0} ${id}`;
  }

  #inForce(nth: number, id: SessionId): InForce[] {
    const key = this.#key(nth, id);
    const usual = this.rules.usual[this.rules.isApart ? nth : 0];
    const known = this.#preferences.get(key) ?? (usual ? [{ preferences: usual, from: 0, to: undefined }] : []);
    this.#preferences.set(key, known);
    return known;
  }

  #complain(id: SessionId, what: string): void {
    this.#wrong.push(`${new Date(this.#now).toISOString().slice(11, 19)} ${id.slice(0, 4)}: ${what}`);
  }

  #judgeEnd(id: SessionId, nth: number): void {
    const work = this.windows.renders.of(id);
    if (this.#cancels.has(id) || !work) return;
    const busySince = work.busySince ?? this.#now;
    if (this.#now - busySince > FRESH) this.#complain(id, `ended although it renders for ${this.#now - busySince} ms`);
    if (this.#ends.has(id)) return; // a repeated end
    this.#ends.add(id);
    const quietFor = this.#quietFor(id, nth);
    if (quietFor === undefined) return this.#complain(id, 'ended although nobody wanted it');
    const canBeRead = (this.#unreadable.get(id) ?? 0) + CALM < this.#now;
    const last = work.lastWorkBefore(this.#now - FRESH) ?? 0;
    if (canBeRead && this.#now - last < quietFor - SLACK)
      this.#complain(id, `ended ${this.#now - last} ms after its last work`);
    this.#judgeWord(id, nth, quietFor);
    this.#judgeUse(id, nth);
  }

  /**
   * How long it has to be quiet before it is ended, under the current preference or one that was in force a moment ago.
   */
  #quietFor(id: SessionId, nth: number): number | undefined {
    const preferences = this.#inForce(nth, id).filter(({ to }) => to === undefined || this.#now - to <= HEARD);
    const all = preferences.flatMap(({ preferences: { finishThenEnd, endWhenIdle } }) => [
      ...(finishThenEnd ? [SETTLED] : []),
      ...(endWhenIdle ? [endWhenIdle * MINUTE] : []),
    ]);
    return all.length === 0 ? undefined : Math.min(...all);
  }

  /** An end must have been announced, without a Keep since then. */
  #judgeWord(id: SessionId, nth: number, quietFor: number): void {
    if (this.#ranOut(id, nth).length === 0) this.#complain(id, 'ended without a countdown');
    const keptAt = this.#kept.get(this.#key(nth, id));
    if (keptAt === undefined || this.#now - keptAt < FRESH) return;
    if (this.#now - keptAt < quietFor - SLACK) this.#complain(id, `ended ${this.#now - keptAt} ms after Keep`);
  }

  /** The countdowns that were announced in time, ran for their minute, and were not stopped since. */
  #ranOut(id: SessionId, nth: number): readonly { readonly since: number }[] {
    const worked = this.windows.renders.of(id)?.lastWorkBefore(this.#now - FRESH) ?? 0;
    const keptAt = this.#kept.get(this.#key(nth, id)) ?? 0;
    const stopped = Math.max(worked, keptAt <= this.#now - FRESH ? keptAt : 0);
    return (this.#countdowns.get(this.#key(nth, id)) ?? []).filter(
      ({ since, at }) =>
        since <= this.#now - COUNTDOWN + SLACK && at <= this.#now - TOLD_BEFORE + SLACK && since >= stopped - SLACK,
    );
  }

  /** An end must not come while the session is in use in a window that shares its state. */
  #judgeUse(id: SessionId, nth: number): void {
    if (this.#now - this.troubles.until < CALM) return;
    const isHeard = (other: number) => other === nth || !this.rules.isApart;
    for (const [other, use] of this.#uses)
      if (isHeard(other) && use.id === id && this.#now - use.since > HEARD) this.#complain(id, 'ended although in use');
    const began = Math.max(0, ...this.#ranOut(id, nth).map(({ since }) => since));
    for (const [other, saving] of this.#saves) {
      const isDue = this.#now - began >= COUNTDOWN + LONGEST_SAVING - SLACK;
      if (isHeard(other) && saving.id === id && this.#now - saving.since > HEARD && !isDue)
        this.#complain(id, 'ended although it is saved');
    }
  }

  /** The guardian may extend only a session that renders, near its end. */
  #judgeExtension(id: SessionId): void {
    if (this.#handsOn.has(id)) return;
    const record = this.windows.simulator.control.session(id);
    const work = this.windows.renders.of(id);
    if (!record?.deadline || !work) return;
    if (!work.wasBusySince(this.#now - READING - FRESH)) this.#complain(id, 'extended although nothing renders');
    if (record.deadline - this.#now > NEAR + STEP) this.#complain(id, 'extended long before its end');
  }

  #judgeLength({ id, deadline, createdAt, timeoutMinutes }: SessionRecord): void {
    if (deadline === null || timeoutMinutes === null) return;
    const added = (deadline - createdAt) / MINUTE - timeoutMinutes - (this.#byHand.get(sessionId(id)) ?? 0);
    // Editors that share no files see each other's extensions at the server, but may add at the same moment.
    const most = this.rules.keepAliveUpTo * (this.rules.isApart ? 2 : 1);
    if (added > most + 0.1) this.#complain(sessionId(id), `${added} min added of at most ${most}`);
  }

  /** A session that renders at its deadline should have been kept, where that was preferred and possible. */
  #judgeExpiry(record: SessionRecord): void {
    const id = sessionId(record.id);
    const { stoppingAt: at } = record;
    if (at === null || this.#expired.has(id)) return;
    this.#expired.add(id);
    const isExcused =
      this.#ends.has(id) ||
      this.#cancels.has(id) ||
      this.rules.spendingLimit !== undefined ||
      this.troubles.until > at - CALM ||
      this.windows.lastMishapAt > at - CALM ||
      (this.#unreadable.get(id) ?? 0) > at - CALM ||
      Math.max(...this.#openedAt, record.createdAt) > at - CALM ||
      !this.windows.renders.of(id)?.wasBusyFrom(at - 2 * MINUTE);
    if (isExcused) return;
    const left = this.rules.keepAliveUpTo - this.#added(record, at);
    const isPreferred = [0, 1].some((nth) => this.#isKeeping(id, nth, at));
    if (isPreferred && left >= 1) this.#complain(id, `expired although it renders, with ${left} min left to add`);
  }

  #added({ id, createdAt, timeoutMinutes }: SessionRecord, end: number): number {
    return (end - createdAt) / MINUTE - (timeoutMinutes ?? 0) - (this.#byHand.get(sessionId(id)) ?? 0);
  }

  #isKeeping(id: SessionId, nth: number, at: number): boolean {
    const preferences = this.#inForce(nth, id).filter(({ to }) => to === undefined || to > at - CALM);
    return preferences.every(
      ({ preferences, from }) => (preferences.keepAlive || preferences.finishThenEnd) && from < at - CALM,
    );
  }

  #hear(nth: number, said: Announcement, announced: Set<string>): void {
    const matter = matterOf(said);
    if (said.kind === 'countdown') {
      const key = this.#key(nth, said.session.id);
      this.#countdowns.set(key, [...(this.#countdowns.get(key) ?? []), { since: said.since, at: this.#now }]);
      if (announced.has(matter)) this.#wrong.push(`said twice in one window: ${matter}`);
      announced.add(matter);
      return;
    }
    if (said.kind === 'failed') return;
    const key = `${this.rules.isApart ? nth : 0} ${matter}`;
    // A window that could not write while the disk failed has written its announcements a minute later.
    const isSure = this.#now > this.troubles.diskUntil + MINUTE;
    if (isSure && this.#said.get(key)?.isSure) this.#wrong.push(`said twice: ${matter}`);
    this.#said.set(key, { isSure });
  }
}

function note(
  notes: Map<number, { readonly id: SessionId; readonly since: number }>,
  nth: number,
  id: SessionId | undefined,
  since: number,
): void {
  if (id === undefined) notes.delete(nth);
  else if (notes.get(nth)?.id !== id) notes.set(nth, { id, since });
}

/** The subject of a notice; each subject is announced once. */
function matterOf(said: Announcement): string {
  switch (said.kind) {
    case 'warn':
      return `warn ${said.session.id} ${said.session.endsAt} ${said.rung}`;
    case 'limit':
      return `limit ${said.session.id} ${said.session.endsAt}`;
    case 'countdown':
      return `countdown ${said.session.id} ${said.since}`;
    case 'extended':
      return `extended ${said.session.id} ${said.endsAt}`;
    case 'ended':
      return `ended ${said.session.id}`;
    case 'remind':
      return `remind ${said.away.since}`;
    case 'spendingLimit':
      return `spending limit ${said.warning.period} ${said.warning.session} ${said.warning.percent}`;
    case 'leaseLimit':
      return `leaseLimit ${said.session.id} ${said.session.endsAt}`;
    case 'uncovered':
      return `uncovered ${said.session.id} ${said.session.endsAt}`;
    case 'renewedBlind':
      return `renewed ${said.session.id} ${said.endsAt}`;
    case 'failed':
      return `failed ${said.act.kind} ${said.act.session.id}`;
  }
}
