import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import disk from 'node:fs/promises';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { JournalFile } from '../../../src/platform/node/journalFile';
import { turn } from '../../fakes/until';
import { setupFolder, hurry } from './journalFile';

/** The disk calls of replacing one text by another, in order. */
const ON_THE_WAY = ['readdir', 'open', 'readFile', 'rename'] as const;

/** Stalls one window before or after its n-th disk call, until released. */
class Stall {
  readonly #inside = new AsyncLocalStorage<true>();
  #steps = 0;
  #go: () => void = () => undefined;
  readonly #gone = new Promise<void>((resolve) => (this.#go = resolve));
  isMet = false;

  constructor(
    t: TestContext,
    private readonly at: number,
    private readonly isAfter: boolean,
  ) {
    t.after(() => this.#inside.disable()); // async hooks slow down every promise of the process
    for (const name of ON_THE_WAY) {
      const real = disk[name].bind(disk) as (...args: readonly unknown[]) => Promise<unknown>;
      t.mock.method(disk, name, (async (...args: readonly unknown[]) => {
        const isHere = this.#inside.getStore() === true && ++this.#steps === this.at;
        if (isHere && !this.isAfter) await this.#wait();
        const result = await real(...args);
        if (isHere && this.isAfter) await this.#wait();
        return result;
      }) as never);
    }
  }

  /** Only work that starts inside `run` stalls. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#inside.run(true, work);
  }

  go(): void {
    this.#go();
  }

  #wait(): Promise<void> {
    this.isMet = true;
    return this.#gone;
  }
}

/** What others do meanwhile: write a line, or compact, which keeps every line here. */
const DOING = ['line', 'compact'] as const;

test('wherever a window stalls while it compacts, no line that is written is lost, and each is there once', async (t) => {
  const live = async (sub: TestContext, at: number, isAfter: boolean, doings: readonly (typeof DOING)[number][]) => {
    const { folder } = setupFolder(sub);
    hurry(sub);
    const [slow, other] = [new JournalFile(folder, 'intents.jsonl'), new JournalFile(folder, 'intents.jsonl')];
    const written = ['one', 'two'];
    for (const line of written) await slow.append(line);
    const compact = (journal: JournalFile) =>
      journal.exclusively(async () => journal.replace(await journal.read(), false));
    const stalled = new Stall(sub, at, isAfter);
    const outcome = { isOver: false };
    const compacted = stalled
      .run(() => compact(slow))
      .catch(() => undefined)
      .finally(() => (outcome.isOver = true));
    const isUnderWay = () => !stalled.isMet && !outcome.isOver;
    for (let n = 0; n < 200 && isUnderWay(); n++) await turn();
    let n = 0;
    for (const doing of stalled.isMet ? doings : []) {
      if (doing === 'compact') await compact(other);
      const line = `late ${n++}`;
      if (doing === 'line') await other.exclusively(() => other.append(line)).then(() => written.push(line));
    }
    stalled.go();
    await compacted;
    const lines = (await new JournalFile(folder, 'intents.jsonl').read()).split('\n').filter(Boolean);
    assert.deepEqual(lines, written, `step ${at}, ${isAfter ? 'after' : 'before'} it, ${doings.join()}`);
    return stalled.isMet;
  };
  const doing = fc.array(fc.constantFrom(...DOING), { minLength: 1, maxLength: 4 });
  const stalls = { isMet: true, met: 0 };
  for (const isAfter of [false, true])
    for (let at = 1; at === 1 || stalls.isMet; at++)
      for (const doings of [['line'], ...fc.sample(doing, 2)] as const)
        await t.test(`step ${at}`, async (sub) => {
          stalls.isMet = await live(sub, at, isAfter, doings);
          if (stalls.isMet) stalls.met++;
        });
  assert.ok(stalls.met >= 12, `${stalls.met} stalls`);
});
