import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Announcement } from '../../src/guardian/announcement';
import type { GuardPreferences } from '../../src/sessions/preferences';
import { NO_SPENDING_LIMITS } from '../../src/spending/spendingLimits';
import type { SessionId } from '../../src/comfydeploy/model';
import { NO_PREFERENCES, USUAL_SETTINGS } from '../fakes/guardSettings';
import { ManualClock } from '../fakes/manualClock';
import { sessionId } from '../fakes/setup';
import { StormyDisk } from '../fakes/stormyDisk';
import { PERSON } from './start';
import { userOf, Windows } from './windows';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

interface Settings {
  readonly usual?: Partial<GuardPreferences>;
  /** Dollars for each session. */
  readonly spendingLimit?: number;
  readonly savesOutputs?: boolean;
  readonly key?: number;
  readonly storage?: StormyDisk;
}

/**
 * An editor with a storage of its own, everything that runs by itself in its window, and the announcements of its
 * guardian.
 */
function openEditor(
  windows: Windows,
  common: StormyDisk | undefined,
  { usual, spendingLimit, savesOutputs = false, key = 0, storage }: Settings,
) {
  const said: Announcement[] = [];
  const user = userOf();
  const session = spendingLimit === undefined ? undefined : BigInt(spendingLimit * 1e9);
  const { app, guard, crash } = windows.open(
    {
      guardSettings: () => ({ ...USUAL_SETTINGS, savesOutputs, usual: { ...NO_PREFERENCES, ...usual } }),
      display: () => ({ warnAt: [15, 5, 1], spendingLimits: { ...NO_SPENDING_LIMITS, session } }),
      presence: () => user,
    },
    storage ?? new StormyDisk(windows.clock),
    { common, key },
  );
  app.guardian.onDidAnnounce((one) => said.push(one));
  const turn = guard();
  const turnTo = (isFocused: boolean, inUse: readonly SessionId[] = []) => {
    Object.assign(user, { isFocused, isWatched: isFocused, inUse });
    turn();
  };
  const saysOf = (kind: Announcement['kind']) => said.filter((one) => one.kind === kind).length;
  return {
    app,
    crash,
    said,
    saysOf,
    turnTo,
    save: (saving: readonly SessionId[]) => void Object.assign(user, { saving }),
  };
}

async function startTwo(
  t: TestContext,
  { minutesLeft = 60, share = true }: { readonly minutesLeft?: number; readonly share?: boolean },
  settings: readonly [Settings, Settings] = [{}, {}],
) {
  const windows = await Windows.start({ comfyUi: 'inMemory' });
  const { control } = windows.simulator;
  const { id: machineId } = control.addMachine({ ...PERSON, name: 'sd-box' });
  const session = await control.addSession({ machineId, minutesLeft, gpu: 'A10G' });
  const id = sessionId(session.id);
  const common = share ? new StormyDisk(windows.clock) : undefined;
  const one = openEditor(windows, common, settings[0]);
  const other = openEditor(windows, common, settings[1]);
  t.after(async () => {
    for (const { crash } of [one, other]) crash();
    await windows.close();
  });
  await windows.advance(15 * SECOND);
  const said = (kind: Announcement['kind']) => one.saysOf(kind) + other.saysOf(kind);
  return { windows, control, common, id, one, other, said };
}

/** The user switches between both. */
async function wander(windows: Windows, [one, other]: readonly ReturnType<typeof openEditor>[], minutes: number) {
  for (let n = 0; n < minutes; n++) {
    const [front, back] = n % 2 === 0 ? [one, other] : [other, one];
    back?.turnTo(false);
    front?.turnTo(true);
    await windows.advance(MINUTE);
  }
}

test('two editors warn once, wherever the user is; those of two accounts know nothing of each other', async (t) => {
  const { windows, one, other, said } = await startTwo(t, { minutesLeft: 7 });
  await wander(windows, [one, other], 4);
  assert.equal(said('warn'), 1, 'five minutes before');
  await wander(windows, [one, other], 2);
  assert.equal(said('warn'), 2, 'and one');

  const apart = await startTwo(t, { minutesLeft: 7, share: false });
  await wander(apart.windows, [apart.one, apart.other], 4);
  assert.equal(apart.said('warn'), 2, 'without a folder in common each of them is by itself');

  const strangers = await startTwo(t, {}, [{}, { key: 1 }]);
  assert.notEqual(strangers.control.keys()[0]?.token, strangers.control.keys()[1]?.token);
  await strangers.one.app.guardian.prefer(strangers.id, { endWhenIdle: 5 });
  await strangers.windows.advance(MINUTE);
  assert.equal(strangers.other.app.appState().preferencesOf(strangers.id).endWhenIdle, undefined);
  assert.deepEqual(
    [strangers.one, strangers.other].map(({ app }) => app.windows.leadership.isLeader && app.windows.editors.isLeader),
    [true, false], // there is nothing to guard
  );
});

test('that one editor saves outputs is known to the other, which has no folder for them, as long as it is open', async (t) => {
  const { windows, one, other } = await startTwo(t, {}, [{ savesOutputs: true }, {}]);
  const saves = () => other.app.appState().limits.savesOutputs;
  assert.ok(saves());
  one.crash();
  await windows.advance(MINUTE);
  assert.ok(!saves());
});

test('a lease that is taken in one editor is known, renewed once and left to end in all', async (t) => {
  const { windows, control, id, one, other, said } = await startTwo(t, { minutesLeft: 15 });
  await one.app.guardian.prefer(id, { lease: control.now() });
  one.turnTo(true, [id]);
  await windows.advance(9 * MINUTE);
  assert.notEqual(other.app.appState().preferencesOf(id).lease, undefined);
  await windows.advance(3 * MINUTE);
  assert.equal(control.bill().extended, 1);
  one.turnTo(false);
  other.turnTo(true);
  await windows.advance(MINUTE);
  assert.equal(said('warn'), 0, 'what is renewed is no matter to warn of');
});

test('an idle session ends once, announced once, and each editor knows the receipt', async (t) => {
  const { windows, control, common, id, one, other, said } = await startTwo(t, {}, [{ usual: { endWhenIdle: 5 } }, {}]);
  await windows.advance(5 * MINUTE);
  assert.equal(said('countdown'), 1);
  assert.deepEqual(
    [one, other].map(({ app }) => app.guardian.countdowns.has(id)),
    [true, true],
    'all show it',
  );
  await windows.advance(2 * MINUTE);
  assert.deepEqual([said('countdown'), said('ended')], [1, 1]);
  assert.equal(control.bill().cancelled, 1);
  assert.equal(control.bill().sessions[0]?.open, false);
  await windows.advance(3 * MINUTE);
  const receipts = [one, other].map(({ app }) => app.appState().history.receiptOf(id));
  assert.deepEqual(receipts[0]?.closed, receipts[1]?.closed);
  assert.equal(receipts[0]?.closed?.source, 'billed');
  const written = common?.textOf('history.jsonl') ?? '';
  for (const once of ['"kind":"askedToEnd"', '"source":"seen"', '"source":"billed"'])
    assert.equal(written.split(once).length, 2, once);
  const [session] = control.sessions();
  assert.ok(session?.url && !written.includes(session.url));
});

test('whoever leads does what any of the editors is set to do, within the limits of all', async (t) => {
  const settings = [{ usual: { keepAlive: true } }, { spendingLimit: 100 }] as const;
  const { windows, control, id, one, other } = await startTwo(t, { minutesLeft: 4 }, settings);
  windows.renders.of(id)?.render(60 * MINUTE);
  other.turnTo(true);
  await windows.advance(3 * MINUTE);
  assert.deepEqual(
    [one, other].map(({ app }) => app.windows.editors.isLeader),
    [false, true],
  );
  assert.equal(control.bill().extended, 1, 'as the first one is set');
  assert.equal(one.app.appState().limits.spendingLimits.session, 100_000_000_000n, 'as the second one is');
});

test('Keep, and work in the page, count in the other editor, too', async (t) => {
  const both = { usual: { endWhenIdle: 5 } };
  const { windows, control, id, one, other, said } = await startTwo(t, {}, [both, both]);
  one.turnTo(true, [id]);
  await windows.advance(8 * MINUTE);
  assert.equal(said('countdown'), 0, 'it is in use');
  one.turnTo(false);
  other.turnTo(true);
  await windows.advance(4 * MINUTE);
  assert.equal(said('countdown'), 0, 'it was in use until then');
  // Idle counts from when use was last seen, which may be half a minute before it stopped; the countdown is a minute.
  for (let n = 0; n < 9 && said('countdown') === 0; n++) await windows.advance(10 * SECOND);
  assert.equal(said('countdown'), 1);
  await one.app.guardian.keep(id);
  await windows.advance(3 * MINUTE);
  assert.equal(control.bill().sessions[0]?.open, true);
  assert.equal(other.app.guardian.countdowns.size, 0);
});

test('what any window of an editor saves holds an end that the other one has announced', async (t) => {
  const storage = new StormyDisk(new ManualClock());
  const { windows, control, common, id, other, said } = await startTwo(t, {}, [
    { storage },
    { usual: { endWhenIdle: 5 } },
  ]);
  const second = openEditor(windows, common, { storage });
  t.after(second.crash);
  other.turnTo(true);
  await windows.advance(5.5 * MINUTE);
  assert.equal(said('countdown'), 1);
  second.save([id]);
  await windows.advance(3 * MINUTE);
  assert.deepEqual([second.app.windows.leadership.isLeader, control.bill().sessions[0]?.open], [false, true]);
  second.save([]);
  await windows.advance(MINUTE);
  assert.equal(control.bill().sessions[0]?.open, false);
});

test('after a crash, a reminder says what ran while no editor was open, and there is none if another one was open', async (t) => {
  const [here, there] = [new StormyDisk(new ManualClock()), new StormyDisk(new ManualClock())];
  const both = [{ storage: here }, { storage: there }] as const;
  const { windows, common, one, other } = await startTwo(t, { minutesLeft: 600 }, both);
  const startAgain = async (storage: StormyDisk) => {
    await windows.advance(60 * MINUTE);
    const editor = openEditor(windows, common, { storage });
    t.after(editor.crash);
    editor.turnTo(true);
    await windows.advance(45 * SECOND);
    return editor;
  };
  await windows.advance(2 * MINUTE);
  other.crash();
  const again = await startAgain(there);
  assert.equal(again.saysOf('remind'), 0, 'the first one was open');
  again.crash();
  one.crash();
  assert.equal((await startAgain(here)).saysOf('remind'), 1);
});

test('when the editor that guards dies, the other one goes on', async (t) => {
  const { windows, control, one, said } = await startTwo(t, {}, [{}, { usual: { endWhenIdle: 5 } }]);
  one.turnTo(true);
  await windows.advance(MINUTE);
  assert.equal(one.app.windows.editors.isLeader, true);
  one.crash();
  await windows.advance(7 * MINUTE);
  assert.deepEqual([said('countdown'), said('ended'), control.bill().cancelled], [1, 1, 1]);
});
