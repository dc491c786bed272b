import assert from 'node:assert/strict';
import test from 'node:test';
import { ME, MINUTE, STUDIO, start, startWithSession, type World } from '../start';

const reminders = ({ editor }: World) => editor.messages.filter(({ kind }) => kind === 'information');

/** VS Code is closed, and opened again later. */
async function leave(world: World, ms: number): Promise<void> {
  world.dispose();
  await world.control.advance(ms);
  await world.reopen();
}

test('on the next start one notice says what ran meanwhile, and what to do about it', async (t) => {
  const { world } = await startWithSession(t, { minutesLeft: 600 });
  await world.advance(MINUTE);
  assert.deepEqual(reminders(world), []);
  await leave(world, 180 * MINUTE);
  const [reminder, ...more] = reminders(world);
  assert.equal(
    reminder?.text,
    '1 session is running. Your sessions cost about $1.22 an hour. While VS Code was closed for 3 h, the cost was about $3.64.',
  );
  assert.deepEqual([reminder.buttons, more], [['Show', 'End All…'], []]);
  reminder.press('Show');
  await world.until('the view', () => world.editor.ran.some(({ id }) => id === 'comfydeploy.sessions.focus'));
  await world.advance(10 * MINUTE);
  assert.equal(reminders(world).length, 1);
  await world.reopen();
  assert.deepEqual(reminders(world), [], 'a window that was only reloaded was not away');
});

test('all that ran can be ended from the reminder', async (t) => {
  const world = await start(t, {
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
      for (const minutesOld of [20, 30]) await control.addSession({ machineId, minutesOld, minutesLeft: 300 });
    },
  });
  await leave(world, 60 * MINUTE);
  const [reminder] = reminders(world);
  assert.match(reminder?.text ?? '', /^2 sessions are running/);
  reminder?.press('End All…');
  (await world.editor.message(/^End 2 sessions\?/)).dismiss();
});

test('there is no reminder if nothing ran', async (t) => {
  const world = await start(t, { furnish: (control) => void control.addMachine({ ...ME, name: 'sd-box' }) });
  await leave(world, 60 * MINUTE);
  assert.deepEqual(reminders(world), []);
});

test('there is no reminder after the first sign-in or a switch to another account', async (t) => {
  const world = await start(t, {
    furnish: async (control) => {
      for (const whose of [ME, STUDIO]) {
        const { id: machineId } = control.addMachine({ ...whose, name: 'sd-box' });
        await control.addSession({ machineId, minutesOld: 30, minutesLeft: 600 });
      }
    },
  });
  await world.advance(MINUTE);
  assert.deepEqual(reminders(world), [], 'no window was ever open before');

  await leave(world, 60 * MINUTE);
  assert.equal(reminders(world).length, 1);
  for (const key of [world.keys.studio, world.keys.mine, world.keys.studio]) {
    await world.keepKey(key);
    await world.advance(MINUTE);
    assert.equal(world.rows.length, 3, 'both sessions, and the row of the account that is not in use');
  }
  assert.equal(reminders(world).length, 1);
});
