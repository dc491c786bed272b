import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { memoryFiles, type Files } from '../../src/core/guard/journal';
import { fold, parseLedger, type LedgerState } from '../../src/core/guard/ledger';
import { MachineId, type Session, type SessionId } from '../../src/core/model';
import { findSession, sessionsOf } from '../../src/core/state/snapshot';
import { filesIn } from '../../src/host/journalFile';
import { soon } from '../fakes/until';
import type { SessionRecord } from '../simulator/model';
import { PERSON } from './start';
import { Windows, type Mishap, type Window } from './windows';

/** How many mishaps to live through: `PHANTOM_FAULTS=10000` for a thorough look. Every run of the test has others. */
const WANTED = Number(process.env['PHANTOM_FAULTS'] ?? 300);
const RUNS_AT_ONCE = 10;
const SECOND = 1_000;
/** Real time; most take a part of a second. */
const LONGEST_LIFE = 60_000;
const MINUTE = 60 * SECOND;
/** Long after everything unknown must be settled. */
const AFTERMATH = [45 * SECOND, 45 * SECOND, 45 * SECOND, 45 * SECOND] as const;
/** Half a minute apart: a create of a window that crashed, and then one of their own, may each be open for two minutes. */
const TRIES = 12;
/** More sessions than this the server refuses on one machine. */
const ROOM = 5;

const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Mishap>({ kind: 'none' }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Mishap>({ kind: 'silent', when: 'after' }, { kind: 'silent', when: 'before' }),
  },
  { weight: 1, arbitrary: fc.constant<Mishap>({ kind: 'late' }) },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(
        { kind: 'reset', when: 'before' } as const,
        { kind: 'reset', when: 'after' } as const,
        { kind: 'truncate', bytes: 1 } as const,
        { kind: 'badJson' } as const,
        { kind: 'answer', status: 500, body: 'Internal Server Error' } as const,
        { kind: 'answer', status: 502, body: '' } as const,
      )
      .map((effect): Mishap => ({ kind: 'simulated', effect })),
  },
);

const step = fc.record(
  {
    what: fc.constantFrom('create', 'createInBoth', 'extend', 'extendInBoth', 'cancel', 'look', 'restart', 'crash'),
    /** Which window, and which of the sessions it shows. */
    window: fc.nat(1),
    session: fc.nat(3),
    minutes: fc.constantFrom(1, 20),
    /** How many moments after the start of a create its window crashes. */
    moments: fc.nat(12),
    tape: fc.array(mishap, { minLength: 4, maxLength: 24 }),
  },
  { noNullPrototype: true },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

test('whatever is lost, cut, late or killed: no session is billed twice, and none unseen', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'phantoms-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const total = { mishaps: 0, runs: 0, created: 0 };
  while (total.mishaps < WANTED) {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(3), async (steps, luck) => {
        const onDisk = luck === 0 ? fs.mkdtempSync(path.join(folder, 'run-')) : undefined;
        const day = await Day.begin(onDisk, luck === 1);
        const life = async () => {
          for (const one of steps) await day.live(one);
          await day.assertNoPhantoms();
        };
        try {
          await soon('the end of a life', life(), LONGEST_LIFE);
        } finally {
          total.mishaps += day.windows.mishaps;
          total.created += day.windows.simulator.control.bill().created;
          total.runs++;
          await soon('the end of its world', day.end());
        }
      }),
      // Looking for a smaller life that fails, too, would take an hour.
      { numRuns: RUNS_AT_ONCE, includeErrorInReport: true, endOnFailure: true },
    );
  }
  t.diagnostic(`${total.mishaps} mishaps in ${total.runs} runs, ${total.created} sessions created`);
});

/** Two windows of one user, who presses again until it works, and never wants two when they press once. */
class Day {
  readonly #open: [Window, Window];
  readonly #machineId: MachineId;
  #wishes = 0;
  #adoptions = 0;
  /** Cancelled by the user; whatever they were told, it must end. */
  readonly #unwanted = new Set<SessionId>();

  private constructor(
    readonly windows: Windows,
    private readonly files: Files,
    /** One window asks by itself, on its own time, and tells the other one. */
    private readonly isShared: boolean,
  ) {
    this.#machineId = MachineId.parse(windows.simulator.control.addMachine({ ...PERSON, name: 'sd-box' }).id);
    this.#open = [this.#another(), this.#another()];
  }

  static async begin(folder: string | undefined, isShared: boolean): Promise<Day> {
    const memory = memoryFiles();
    const files = () => (folder === undefined ? memory : filesIn(folder));
    return new Day(await Windows.start(files), files(), isShared);
  }

  async live({ what, window, session, minutes, moments, tape }: Step): Promise<void> {
    if (what === 'extendInBoth') await this.#lookAround(); // both must show the same end when it is pressed
    this.windows.record(tape);
    const hasRoom = this.#billed.length <= ROOM - 2;
    if (what.startsWith('c') && what !== 'cancel' && !hasRoom) return;
    if (what === 'create') await this.#createOne(this.#open[window]!);
    if (what === 'createInBoth') await Promise.all(this.#open.map((one) => this.#createOne(one)));
    if (what === 'extend') await this.#extend(session, minutes, [this.#open[window]!]);
    if (what === 'extendInBoth') await this.#extend(session, minutes, this.#open);
    if (what === 'cancel') await this.#cancel(session, this.#open[window]!);
    if (what === 'look') await this.windows.finish(this.#open[window]!.knowledge.store.refresh());
    if (what === 'restart') this.#restart(window);
    if (what === 'crash') await this.#crashWhileCreating(window, moments);
    this.windows.record([]);
    await this.windows.advance(SECOND);
  }

  async assertNoPhantoms(): Promise<void> {
    await this.#lookAround();
    for (const ms of AFTERMATH) {
      await this.windows.advance(ms);
      await this.#lookAround();
    }
    // What was ended before it had a container is believed to be over when none has come up for a quarter of an hour.
    const shown = this.#open.flatMap(({ knowledge: { store } }) => sessionsOf(store.snapshot));
    if (shown.some(({ phase }) => phase === 'ending')) {
      await this.windows.advance(16 * MINUTE);
      await this.#lookAround();
    }
    const billed = this.#billed.map(({ id }) => id).sort();
    assert.ok(this.#created <= this.#wishes, `${this.#created} sessions for ${this.#wishes} wishes`);
    for (const { knowledge } of this.#open)
      assert.deepEqual(
        sessionsOf(knowledge.store.snapshot)
          .map(({ id }) => id)
          .sort(),
        billed,
        'every window knows them',
      );
    for (const id of this.#unwanted) assert.ok(!billed.includes(id), 'what was cancelled has ended');
    const { creates, extensions, cancelling, created } = await this.#ledger();
    assert.deepEqual(this.windows.failures, []);
    assert.deepEqual([creates.size, extensions.size, cancelling.size], [0, 0, 0], 'nothing unknown is left');
    assert.ok(
      [...created.keys()].every((id) => billed.includes(id)),
      'nothing is followed that has ended',
    );
  }

  async end(): Promise<void> {
    for (const { crash } of this.#open) crash();
    await this.windows.simulator.close();
  }

  async #createOne({ knowledge: { store } }: Window): Promise<void> {
    this.#wishes++;
    const request = { machineId: this.#machineId, gpu: 'T4', minutes: 600 };
    for (let tries = 0; tries < TRIES; tries++) {
      if (await this.windows.finish(store.create(request))) return;
      await this.windows.advance(30 * SECOND);
      if (this.#isAdopted()) return;
    }
    throw new Error('The session is never started.');
  }

  async #crashWhileCreating(window: number, moments: number): Promise<void> {
    const { knowledge, crash } = this.#open[window]!;
    this.#wishes++;
    knowledge.store.create({ machineId: this.#machineId, gpu: 'T4', minutes: 600 }).catch(() => undefined);
    for (let n = 0; n < moments; n++) await new Promise((resolve) => setImmediate(resolve));
    crash();
    this.#open[window] = this.#another();
    await this.windows.settled();
  }

  /** Whoever is told that their session runs after all does not press again. */
  #isAdopted(): boolean {
    return this.#adoptions > 0 && this.#adoptions-- > 0;
  }

  #another(): Window {
    const window = this.windows.open();
    if (this.isShared) window.join();
    window.knowledge.store.onDidAdopt(() => {
      this.#adoptions++;
    });
    return window;
  }

  #restart(window: number): void {
    this.#open[window]!.crash();
    this.#open[window] = this.#another();
  }

  /** Everybody who shows the session presses the same, once more each time until the end is where it was wanted. */
  async #extend(nth: number, minutes: number, pressing: readonly Window[]): Promise<void> {
    const session = this.#shown(nth, pressing[0]!);
    if (!session || !('endsAt' in session)) return;
    const { id, endsAt } = session;
    const before = this.#record(id)?.deadline;
    const wanted = endsAt + minutes * MINUTE;
    if (before !== endsAt || this.#unwanted.has(id)) return; // nobody can want more from there on
    for (let tries = 0; tries < TRIES; tries++) {
      const missing = pressing.flatMap((window) => {
        const seen = findSession(window.knowledge.store.snapshot, id);
        const left = seen && 'endsAt' in seen ? Math.round((wanted - seen.endsAt) / MINUTE) : 0;
        return left > 0 ? [{ window, left }] : [];
      });
      if (missing.length === 0) break;
      await Promise.all(
        missing.map(({ window, left }) => this.windows.finish(window.knowledge.store.extend(id, left))),
      );
      await Promise.all(pressing.map((window) => this.windows.finish(window.knowledge.store.refresh())));
    }
    assert.equal(this.#record(id)?.deadline, wanted, 'the end is where it was wanted');
  }

  async #cancel(nth: number, window: Window): Promise<void> {
    const session = this.#shown(nth, window);
    if (!session) return;
    this.#unwanted.add(session.id);
    await this.windows.finish(window.knowledge.store.cancel(session.id));
  }

  #shown(nth: number, { knowledge: { store } }: Window): Session | undefined {
    return sessionsOf(store.snapshot).filter(({ phase }) => phase !== 'ending')[nth];
  }

  async #lookAround(): Promise<void> {
    this.windows.record([]);
    for (const { knowledge } of this.#open) await this.windows.finish(knowledge.store.refresh());
    await this.windows.settled();
  }

  async #ledger(): Promise<LedgerState> {
    const text = await this.files('intents.jsonl').read();
    const scope = /"scope":"(\w+)"/.exec(text)?.[1] ?? '';
    const { events, unreadable } = parseLedger(text, scope);
    assert.equal(unreadable, 0);
    return fold(events);
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
