import test from 'node:test';
import fc from 'fast-check';
import { MachineId } from '../../src/comfydeploy/model';
import { sessionsOf } from '../../src/sessions/snapshot';
import { assertBilled, lookAround } from './billed';
import { PERSON } from './start';
import { Windows, type Window } from './windows';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** The server refuses more sessions than this on one machine. */
const ROOM = 5;
const RUNS = 25;
/** Not a full second, since the server leaves out the seconds of such times. */
const MORNING = Date.UTC(2030, 0, 1, 12) + 123;

const step = fc.record(
  {
    what: fc.constantFrom('create', 'create', 'extend', 'cancel', 'cancelElsewhere', 'fail', 'restart', 'sleep'),
    window: fc.nat(1),
    session: fc.nat(3),
    gpu: fc.constantFrom('T4', 'A10G', 'H100'),
    minutes: fc.integer({ min: 2, max: 90 }),
    /** How long until the next step. */
    seconds: fc.integer({ min: 1, max: 40 * 60 }),
    /** How often somebody looks before it. */
    looks: fc.nat(3),
  },
  { noNullPrototype: true },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

test('over any day, restarts and sleeps included, receipts are the bill to the second', async (t) => {
  const total = { sessions: 0, runs: 0, worst: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), async (steps) => {
      const day = await Day.begin();
      try {
        for (const one of steps) await day.live(one);
        const { sessions, worst } = await day.assertBilled();
        total.sessions += sessions;
        total.worst = Math.max(total.worst, worst);
        total.runs++;
      } finally {
        await day.end();
      }
    }),
    { numRuns: RUNS, includeErrorInReport: true, endOnFailure: true },
  );
  t.diagnostic(`${total.sessions} sessions in ${total.runs} days, at most ${total.worst} s off`);
});

/** Two windows of one user over one history. */
class Day {
  readonly #machineId: MachineId;
  readonly #open: [Window, Window];

  private constructor(private readonly windows: Windows) {
    this.#machineId = MachineId.parse(windows.simulator.control.addMachine({ ...PERSON, name: 'sd-box' }).id);
    this.#open = [windows.open(), windows.open()];
  }

  static async begin(): Promise<Day> {
    return new Day(await Windows.start({ frozenAt: MORNING }));
  }

  async live({ what, window: nth, session, gpu, minutes, seconds, looks }: Step): Promise<void> {
    const { control } = this.windows.simulator;
    const window = this.#open[nth]!;
    const { store, money } = window.app;
    const { prices } = money;
    await this.windows.finish(store.refresh());
    await this.windows.finish(prices.refresh());
    const shown = sessionsOf(store.snapshot)[session];
    const request = { machineId: this.#machineId, gpu, minutes };
    if (what === 'fail') control.failNextStartUp('No more GPUs');
    if ((what === 'create' || what === 'fail') && this.#running < ROOM)
      await this.windows.finish(store.create(request));
    if (what === 'extend' && shown) {
      await this.windows.finish(store.extend(shown.id, minutes));
      await this.windows.finish(money.recorder.note(shown.id, { kind: 'extended', by: 'you' }));
    }
    if (what === 'cancel' && shown) {
      await this.windows.finish(money.recorder.note(shown.id, { kind: 'ended', by: 'you' }));
      await this.windows.finish(store.end(shown.id));
    }
    if (what === 'cancelElsewhere' && shown) await control.endSession(shown.id);
    if (what === 'restart') window.crash();
    for (let n = 0; n < looks && what !== 'sleep'; n++) {
      await this.windows.advance(3 * SECOND);
      if (what !== 'restart') await this.windows.finish(store.refresh());
    }
    await this.windows.advance(seconds * SECOND);
    if (what === 'restart') this.#open[nth] = this.windows.open();
  }

  /** To be called when all sessions are over; reads with a new window. */
  async assertBilled(): Promise<{ readonly sessions: number; readonly worst: number }> {
    await lookAround(this.windows, this.#open[0]);
    await this.windows.advance(22 * HOUR - this.#elapsed);
    for (const window of this.#open) await lookAround(this.windows, window);
    const last = this.windows.open();
    const found = await assertBilled(this.windows, last);
    last.crash();
    return found;
  }

  async end(): Promise<void> {
    for (const { crash } of this.#open) crash();
    await this.windows.simulator.close();
  }

  get #running(): number {
    return this.windows.simulator.control.sessions().filter(({ endedAt }) => endedAt === null).length;
  }

  get #elapsed(): number {
    return this.windows.simulator.control.now() - MORNING;
  }
}
