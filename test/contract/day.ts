import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fold, parseLedger, type LedgerState } from '../../src/sessions/ledger';
import { MachineId, type Session, type SessionId } from '../../src/comfydeploy/model';
import { findSession, sessionsOf } from '../../src/sessions/snapshot';
import { StormyDisk } from '../fakes/stormyDisk';
import { turn } from '../fakes/until';
import type { SessionRecord } from '../simulator/model';
import { PERSON } from './start';
import { mishap, trouble, Troubles } from './troubles';
import { Windows, type Storage, type Window } from './windows';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Long enough that everything unknown must be settled. */
const AFTERMATH = [45 * SECOND, 45 * SECOND, 45 * SECOND, 45 * SECOND] as const;
/**
 * Half a minute apart. Enough, since a create of a window that crashed, and then one of their own, may each stay open
 * for two minutes.
 */
const TRIES = 12;
/** The server refuses more sessions than this on one machine. */
const ROOM = 5;

export const step = fc.record(
  {
    what: fc.constantFrom('create', 'createInBoth', 'extend', 'extendInBoth', 'cancel', 'look', 'restart', 'crash'),
    /** Which window, and which of the sessions it shows. */
    window: fc.nat(1),
    session: fc.nat(3),
    minutes: fc.constantFrom(1, 20),
    /** How many moments after the start of a create its window crashes. */
    moments: fc.nat(12),
    tape: fc.array(mishap, { minLength: 4, maxLength: 24 }),
    trouble,
  },
  { noNullPrototype: true },
);
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

export interface Household {
  /** One window asks by itself, on its own time, and shares what it learns with the other one. */
  readonly isShared: boolean;
  /** Two editors, each with a storage of its own: neither knows what the other one has started. */
  readonly isApart: boolean;
  /** Real files instead of those in memory. */
  readonly storage?: (windows: Windows) => Storage;
}

/** Two windows of one user, who presses again until it works, and never wants two sessions for one press. */
export class Day {
  readonly #open: [Window, Window];
  readonly #machineId: MachineId;
  readonly #disks: readonly [StormyDisk, StormyDisk];
  readonly #storage: Storage | undefined;
  #asked = 0;
  #adoptions = 0;
  /** Sessions that the user cancelled; whatever they were shown, these must end. */
  readonly #unwanted = new Set<SessionId>();
  /** The latest end that each session may have. */
  readonly #latest = new Map<SessionId, number>();
  readonly #troubles: Troubles;

  private constructor(
    readonly windows: Windows,
    private readonly household: Household,
  ) {
    this.#machineId = MachineId.parse(windows.simulator.control.addMachine({ ...PERSON, name: 'sd-box' }).id);
    this.#disks = [windows.disk, household.isApart ? new StormyDisk(windows.clock) : windows.disk];
    this.#storage = household.storage?.(windows);
    this.#open = [this.#another(0), this.#another(1)];
    this.#troubles = new Troubles(windows, this.#disks, (nth) => this.#open[nth]!);
  }

  static async begin(household: Household): Promise<Day> {
    return new Day(await Windows.start(), household);
  }

  async live({ what, window, session, minutes, moments, tape, trouble: befalls }: Step): Promise<void> {
    if (what === 'extendInBoth') await this.#lookAround(); // both must show the same end when it is pressed
    this.windows.record(tape);
    const hasRoom = this.#billed.length <= ROOM - 2;
    if (what.startsWith('c') && what !== 'cancel' && !hasRoom) return;
    // With a real lock, waiting for a frozen window would take real time.
    if (!(befalls.kind === 'freeze' && this.#storage)) void this.#troubles.befall(befalls);
    const one = this.#open[window]!;
    if (what === 'create') await this.#createOne(window);
    if (what === 'createInBoth') await all([0, 1].map((nth) => this.#createOne(nth)));
    if (what === 'extend') await this.#extend(session, minutes, [one]);
    if (what === 'extendInBoth') await this.#extend(session, minutes, this.household.isApart ? [one] : this.#open);
    if (what === 'cancel') await this.#cancel(session, one);
    if (what === 'look') await this.windows.finish(one.app.store.refresh());
    if (what === 'restart') this.#restart(window);
    if (what === 'crash') await this.#crashWhileCreating(window, moments);
    this.windows.record([]);
    await this.windows.advance(SECOND);
  }

  async assertNoPhantoms(): Promise<void> {
    await this.#troubles.pass();
    await this.#lookAround();
    for (const ms of AFTERMATH) {
      await this.windows.advance(ms);
      await this.#lookAround();
    }
    // A session that was ended before it had a container counts as over when none has come up for a quarter of an hour.
    const shown = this.#open.flatMap(({ app: { store } }) => sessionsOf(store.snapshot));
    if (shown.some(({ phase }) => phase === 'ending')) {
      await this.windows.advance(16 * MINUTE);
      await this.#lookAround();
    }
    const billed = this.#billed.map(({ id }) => id).sort();
    assert.ok(this.#created <= this.#asked, `${this.#created} sessions for ${this.#asked} requests`);
    for (const { app } of this.#open)
      assert.deepEqual(
        sessionsOf(app.store.snapshot)
          .map(({ id }) => id)
          .sort(),
        billed,
        'every window knows them',
      );
    for (const id of this.#unwanted) assert.ok(!billed.includes(id), 'what was cancelled has ended');
    for (const [id, latest] of this.#latest)
      assert.ok((this.#record(id)?.deadline ?? 0) <= latest, 'no end is later than anybody wanted');
    assert.deepEqual(this.windows.failures, []);
    for (const text of this.#storage ? [] : this.#disks.map((disk) => disk.textOf('intents.jsonl'))) {
      const { creates, extensions, ends, created } = ledgerOf(text);
      assert.deepEqual([creates.size, extensions.size, ends.size], [0, 0, 0], 'nothing unknown is left');
      assert.ok(
        [...created.keys()].every((id) => billed.includes(id)),
        'nothing is followed that has ended',
      );
    }
  }

  async end(): Promise<void> {
    for (const { crash } of this.#open) crash();
    await this.windows.close();
  }

  async #createOne(nth: number): Promise<void> {
    this.#asked++;
    const request = { machineId: this.#machineId, gpu: 'T4', minutes: 600 };
    for (let tries = 0; tries < TRIES;) {
      const wasTroubled = this.#troubles.isOn;
      if (await this.windows.finish(this.#open[nth]!.app.store.create(request))) return;
      await this.windows.advance(30 * SECOND);
      if (this.#isAdopted()) return;
      if (!wasTroubled) tries++;
    }
    throw new Error('The session is never started.');
  }

  async #crashWhileCreating(window: number, moments: number): Promise<void> {
    const { app, crash } = this.#open[window]!;
    this.#asked++;
    app.store.create({ machineId: this.#machineId, gpu: 'T4', minutes: 600 }).catch(() => undefined);
    for (let n = 0; n < moments; n++) await turn();
    crash();
    this.#open[window] = this.#another(window);
    await this.windows.settled();
  }

  /** A user who was shown that their session runs after all does not press again. */
  #isAdopted(): boolean {
    return this.#adoptions > 0 && this.#adoptions-- > 0;
  }

  #another(nth: number): Window {
    const window = this.windows.open({}, this.#storage ?? this.#disks[nth]);
    if (this.household.isShared) window.join();
    window.app.store.onDidAdopt(() => {
      this.#adoptions++;
    });
    return window;
  }

  #restart(window: number): void {
    this.#open[window]!.crash();
    this.#open[window] = this.#another(window);
  }

  /** Everybody who shows the session presses the same again, until its end is where it was wanted. */
  async #extend(nth: number, minutes: number, pressing: readonly Window[]): Promise<void> {
    const session = this.#shown(nth, pressing[0]!);
    if (!session || !('endsAt' in session)) return;
    const { id, endsAt } = session;
    const before = this.#record(id)?.deadline;
    const wanted = endsAt + minutes * MINUTE;
    if (before !== endsAt || this.#unwanted.has(id)) return; // beyond that, nobody can want more
    this.#latest.set(id, wanted);
    for (let tries = 0; tries < TRIES;) {
      const wasTroubled = this.#troubles.isOn;
      const missing = pressing.flatMap((window) => {
        const seen = findSession(window.app.store.snapshot, id);
        const left = seen && 'endsAt' in seen ? Math.round((wanted - seen.endsAt) / MINUTE) : 0;
        return left > 0 ? [{ window, left }] : [];
      });
      if (missing.length === 0) break;
      await all(missing.map(({ window, left }) => this.windows.finish(window.app.store.extend(id, left))));
      await all(pressing.map((window) => this.windows.finish(window.app.store.refresh())));
      if (wasTroubled) await this.windows.advance(10 * SECOND);
      else tries++;
    }
    assert.equal(this.#record(id)?.deadline, wanted, 'the end is where it was wanted');
  }

  /** A user whose cancel failed because the disk could not write it asks again when they like. */
  async #cancel(nth: number, window: Window): Promise<void> {
    const session = this.#shown(nth, window);
    if (!session) return;
    const isTaken = window.app.store.end(session.id).then(() => true);
    const wasTroubled = this.#troubles.isOn;
    if ((await this.windows.finish(isTaken)) || !wasTroubled) this.#unwanted.add(session.id);
  }

  #shown(nth: number, { app: { store } }: Window): Session | undefined {
    return sessionsOf(store.snapshot).filter(({ phase }) => phase !== 'ending')[nth];
  }

  async #lookAround(): Promise<void> {
    this.windows.record([]);
    for (const { app } of this.#open) await this.windows.finish(app.store.refresh());
    await this.windows.settled();
  }

  get #billed(): readonly SessionRecord[] {
    return this.windows.simulator.control.sessions().filter(({ endedAt }) => endedAt === null);
  }

  get #created(): number {
    return this.windows.simulator.control.bill().created;
  }

  #record(id: SessionId): SessionRecord | undefined {
    return this.windows.simulator.control.session(id);
  }
}

function ledgerOf(text: string): LedgerState {
  const scope = /"scope":"(\w+)"/.exec(text)?.[1] ?? '';
  return fold(parseLedger(text, scope).events);
}

/** Waits for all of them, also when one fails: none may go on in a world that has been closed. */
async function all(works: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
