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
/** What was looked at just before an end leaves is true for so long. */
const FRESH = 10 * SECOND;
/** A reading of the queue that something is added on may be so old. */
const READING = 60 * SECOND;
/** Dates of answers have whole seconds. */
const SLACK = 2 * SECOND;
const SETTLED = 10 * SECOND;
const NEAR = 3 * MINUTE;
const STEP = 5 * MINUTE;
const COUNTDOWN = MINUTE;
/** What has less left is not told any more. */
const TOLD_BEFORE = 5 * SECOND;
const LONGEST_SAVING = 15 * MINUTE;
/** So soon every window knows what is said and preferred in another one. */
const HEARD = 25 * SECOND;
/** After so long in order nothing of what was out of order is left. */
const CALM = 5 * MINUTE;

export interface Rules {
  /** Of each window; both have the first one's if they share their storage. */
  readonly usual: readonly [GuardPreferences, GuardPreferences] | readonly GuardPreferences[];
  readonly keepAliveUpTo: number;
  readonly spendingLimit: number | undefined;
  readonly isApart: boolean;
}

/** What is preferred for one session in one editor, from the moment it was pressed. */
interface InForce {
  readonly preferences: GuardPreferences;
  readonly from: number;
  /** Known everywhere by then that something else is preferred; undefined while it is in force. */
  to: number | undefined;
}

/** Looks at all that windows send and say, and knows what they may. */
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
  /** The countdowns that were told of, by whichever window: while the disk fails, each has its own. */
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
    const told = new Set<string>();
    app.guardian.onDidAnnounce((said) => this.#hear(nth, said, told));
  }

  gone(nth: number): void {
    this.#uses.delete(nth);
    this.#saves.delete(nth);
  }

  /** Its queue, or only its history, cannot be read for a while. */
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

  /** The result is called once the window has said that it is done. */
  kept(nth: number, id: SessionId): () => void {
    const wasInOrder = this.#isInOrder();
    const isTold = this.preferred(nth, id, { finishThenEnd: false });
    return () => {
      isTold();
      if (wasInOrder && this.#isInOrder()) this.#kept.set(this.#key(nth, id), this.#now);
    };
  }

  /** The same: what was preferred before may be in force until then, and where a disk fails for longer. */
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
    if (this.#ends.has(id)) return; // asked for once more
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

  /** How long it has to be quiet before it is ended, by what is or was preferred just now. */
  #quietFor(id: SessionId, nth: number): number | undefined {
    const preferences = this.#inForce(nth, id).filter(({ to }) => to === undefined || this.#now - to <= HEARD);
    const all = preferences.flatMap(({ preferences: { finishThenEnd, endWhenIdle } }) => [
      ...(finishThenEnd ? [SETTLED] : []),
      ...(endWhenIdle ? [endWhenIdle * MINUTE] : []),
    ]);
    return all.length === 0 ? undefined : Math.min(...all);
  }

  /** It was announced, and nobody said Keep. */
  #judgeWord(id: SessionId, nth: number, quietFor: number): void {
    if (this.#ranOut(id, nth).length === 0) this.#complain(id, 'ended without a countdown');
    const keptAt = this.#kept.get(this.#key(nth, id));
    if (keptAt === undefined || this.#now - keptAt < FRESH) return;
    if (this.#now - keptAt < quietFor - SLACK) this.#complain(id, `ended ${this.#now - keptAt} ms after Keep`);
  }

  /** The countdowns that were told in time, ran for their minute, and that nothing has stopped since. */
  #ranOut(id: SessionId, nth: number): readonly { readonly since: number }[] {
    const worked = this.windows.renders.of(id)?.lastWorkBefore(this.#now - FRESH) ?? 0;
    const keptAt = this.#kept.get(this.#key(nth, id)) ?? 0;
    const stopped = Math.max(worked, keptAt <= this.#now - FRESH ? keptAt : 0);
    return (this.#countdowns.get(this.#key(nth, id)) ?? []).filter(
      ({ since, at }) =>
        since <= this.#now - COUNTDOWN + SLACK && at <= this.#now - TOLD_BEFORE + SLACK && since >= stopped - SLACK,
    );
  }

  /** By windows that hear of each other. */
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

  /** What nobody presses is added to what renders, near its end. */
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
    // Editors that share nothing count what the server shows of each other's, but may add at the same moment.
    const most = this.rules.keepAliveUpTo * (this.rules.isApart ? 2 : 1);
    if (added > most + 0.1) this.#complain(sessionId(id), `${added} min added of at most ${most}`);
  }

  /** What renders when its time is up should have been kept, where that was preferred and could be done. */
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

  #hear(nth: number, said: Announcement, told: Set<string>): void {
    const matter = matterOf(said);
    if (said.kind === 'countdown') {
      const key = this.#key(nth, said.session.id);
      this.#countdowns.set(key, [...(this.#countdowns.get(key) ?? []), { since: said.since, at: this.#now }]);
      if (told.has(matter)) this.#wrong.push(`said twice in one window: ${matter}`);
      told.add(matter);
      return;
    }
    if (said.kind === 'failed') return;
    const key = `${this.rules.isApart ? nth : 0} ${matter}`;
    // Whoever could not write while the disk failed has written what was said a minute later.
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

/** What a notice is about: of each there is one. */
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
