import assert from 'node:assert/strict';
import test from 'node:test';
import { minutesText, timeOfDay } from '../../../src/platform/durations';
import { MINUTE, start, startWithSession, STUDIO, type World } from '../start';

const warnings = ({ editor }: World) =>
  editor.messages.filter(({ text }) => / ends at /.test(text)).map(({ text }) => text.split('. ')[0]);

const warningOf = ({ control }: World) => `A10G on sd-box ends at ${timeOfDay(control.sessions()[0]?.deadline ?? 0)}`;

test('the end of a session is announced five minutes and one minute before, once each', async (t) => {
  const { world } = await startWithSession(t);
  await world.advance(15 * MINUTE);
  assert.deepEqual(warnings(world), []);
  await world.advance(1 * MINUTE);
  assert.deepEqual(warnings(world), [warningOf(world)]);
  await world.advance(4 * MINUTE);
  assert.deepEqual(warnings(world).slice(1), [warningOf(world)]);
  assert.deepEqual(
    world.editor.messages.map(({ isStanding }) => isStanding),
    [false, true],
    'the second takes the place of the first, since it says the same',
  );
});

test('a warning is taken back once its session is over, or its end has moved', async (t) => {
  const overs: readonly ((world: World, id: string) => unknown)[] = [
    ({ control }, id) => control.endSession(id),
    ({ control }, id) => control.setMinutesLeft(id, 20),
  ];
  for (const over of overs) {
    const { world, id } = await startWithSession(t, { minutesLeft: 5.5 });
    await world.advance(MINUTE);
    const warning = await world.editor.message(/ends at/);
    await world.advance(MINUTE);
    await world.refresh();
    assert.equal(warning.isStanding, true);
    await over(world, id);
    await world.refresh();
    assert.equal(warning.isStanding, false);
  }
});

test('a warning that is dismissed warns once more before the end', async (t) => {
  const { world } = await startWithSession(t, { minutesLeft: 5.5 });
  await world.advance(MINUTE);
  const warning = await world.editor.message(/ends at/);
  warning.press('Dismiss');
  await world.settled();
  assert.equal(warning.isStanding, false);
  await world.advance(4 * MINUTE);
  assert.deepEqual(warnings(world), [warningOf(world), warningOf(world)]);
});

test('a warning extends in one click, and the new end is announced anew', async (t) => {
  const { world, id } = await startWithSession(t, { minutesLeft: 5.5 });
  const before = world.control.session(id)?.deadline ?? 0;
  await world.advance(MINUTE);
  const warning = await world.editor.message(/ends at/);
  const [quarter = '', , , mute] = warning.buttons;
  assert.match(quarter, /15 min/);
  assert.equal(mute, 'Mute');
  warning.press(quarter);
  await world.until('the extension', () => world.editor.statusMessages.length > 0);
  assert.equal(world.control.session(id)?.deadline, before + 15 * MINUTE);

  await world.advance(15 * MINUTE);
  assert.equal(warnings(world).length, 2);
});

test('each button of a warning extends by what it says', async (t) => {
  for (const [index, minutes] of [15, 60].entries()) {
    const { world, id } = await startWithSession(t, { minutesLeft: 5.5 });
    const before = world.control.session(id)?.deadline ?? 0;
    await world.advance(MINUTE);
    const warning = await world.editor.message(/ends at/);
    assert.equal(warning.buttons[index], `Extend ${minutesText(minutes)}`);
    warning.press(warning.buttons[index]);
    await world.until('the extension', () => world.editor.statusMessages.length > 0);
    assert.equal(world.control.session(id)?.deadline, before + minutes * MINUTE);
  }
});

test('a muted session is warned of no more', async (t) => {
  const { world } = await startWithSession(t, { minutesLeft: 5.5 });
  await world.advance(MINUTE);
  (await world.editor.message(/ends at/)).press('Mute');
  await world.advance(5 * MINUTE);
  assert.equal(warnings(world).length, 1);
});

test('a window that is not in use says nothing until it is', async (t) => {
  const { world } = await startWithSession(t, { minutesLeft: 5.5 });
  world.editor.setFocused(false);
  await world.advance(2 * MINUTE);
  assert.deepEqual(warnings(world), []);
  world.editor.setFocused(true);
  await world.settled();
  assert.deepEqual(warnings(world), [warningOf(world)]);
});

test('a session whose time ran out while nobody looked at it says so once, with its total; a watched one does not', async (t) => {
  for (const isWatched of [false, true]) {
    const { world, target } = await startWithSession(t, { minutesLeft: 3 });
    if (isWatched) await world.run('openSession', target);
    await world.advance(MINUTE);
    if (!isWatched) world.editor.setFocused(false);
    await world.advance(4 * MINUTE);
    const said = world.editor.messages.filter(({ text }) => text.startsWith('Ended')).map(({ text }) => text);
    assert.match(
      said.join('|'),
      isWatched ? /^$/ : /^Ended A10G on sd-box: time ran out\. Total cost: about \$\d\.\d\d\.$/,
    );
  }
});

test("the end of somebody else's session is theirs to watch", async (t) => {
  const world = await start(t, {
    scope: STUDIO,
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...STUDIO, name: 'render-farm' });
      await control.addSession({ machineId, userId: 'user_mira', minutesLeft: 5.5 });
    },
  });
  await world.advance(5 * MINUTE);
  assert.deepEqual(warnings(world), []);
});

test('an empty list of minutes warns of nothing, and so does one that makes no sense', async (t) => {
  for (const value of [[], 'soon', [-1]]) {
    const { world } = await startWithSession(t, { minutesLeft: 5.5 });
    world.editor.configure('comfydeploy.warnBeforeEnd', value);
    await world.advance(5 * MINUTE);
    assert.deepEqual(warnings(world), []);
  }
});
