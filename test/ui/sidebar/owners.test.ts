import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { MarkdownString } from '../../fakes/vscode';
import { defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { start, STUDIO, targetOf, type World } from '../start';

const THEIRS = 'Mira Okafor';
const THEIRS_TO_WORK_IN = ['render-farm (T4)', `30 min left · ${THEIRS}`];

/** A machine with an older session of a colleague and one of the user's own. */
async function startTogether(t: TestContext, withOwn = true): Promise<{ world: World; theirs: string }> {
  const known = { theirs: '' };
  const world = await start(t, {
    scope: STUDIO,
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...STUDIO, name: 'render-farm' });
      known.theirs = (await control.addSession({ machineId, gpu: 'T4', minutesLeft: 30.5, userId: 'user_mira' })).id;
      if (withOwn) await control.addSession({ machineId, gpu: 'L4', minutesLeft: 20.5 });
    },
  });
  await world.until('the names', () => world.rows.some((row) => row.includes(THEIRS)));
  return { world, ...known };
}

test('a list of sessions has one’s own first, and says whose the others are', async (t) => {
  const { world } = await startTogether(t);
  for (const name of ['cancelSession', 'extendSession', 'saveAndEndSession', 'sessionActions'] as const) {
    const asked = world.run(name);
    const list = await world.editor.pick(/Choose a session/);
    assert.deepEqual(
      list.labels.map((label) => [label, list.describe(label)]),
      [
        ['L4 on render-farm', '20 min left'],
        ['T4 on render-farm', `30 min left · ${THEIRS}`],
      ],
      name,
    );
    list.hide();
    await asked;
  }
});

test('so has the list of sessions that a workflow may go into, even where there is but one, of somebody else', async (t) => {
  for (const [withOwn, sessions] of [
    [true, [['render-farm (L4)', '20 min left'], THEIRS_TO_WORK_IN]],
    [false, [THEIRS_TO_WORK_IN]],
  ] as const) {
    const { world } = await startTogether(t, withOwn);
    const file = world.editor.files.write('a.json', JSON.stringify(defaultWorkflow));
    const opened = world.run('openWorkflow', file);
    const list = await world.editor.pick(/Open a in which session/);
    assert.deepEqual(
      list.labels.slice(0, -1).map((label) => [label, list.describe(label)]),
      sessions,
    );
    list.hide();
    await opened;
  }
});

test('the status item is about one’s own session, and says of the others whose they are', async (t) => {
  const { world } = await startTogether(t);
  assert.match(world.status.text, /render-farm 20 min$/);
  const { tooltip } = world.status;
  const lines = tooltip instanceof MarkdownString ? tooltip.value : '';
  assert.match(lines, /L4 on render-farm: 20 min left {2}\n/);
  assert.match(lines, /T4 on render-farm: 30 min left · Mira Okafor {2}\n/);
});

test('before somebody else’s session is ended, the question says whose it is', async (t) => {
  const { world, theirs } = await startTogether(t);
  const ended = world.run('cancelSession', targetOf(theirs));
  const question = await world.editor.message(/^End/);
  assert.equal(question.text, "End Mira Okafor's session on render-farm (T4), 30 min left?");
  question.dismiss();
  await ended;
  assert.equal(world.control.bill().cancelled, 0);
});

test('and so does the question how much longer it may run, and the one before it is saved and ended', async (t) => {
  const { world, theirs } = await startTogether(t);
  const extended = world.run('extendSession', targetOf(theirs));
  const list = await world.editor.pick(/By how much/);
  assert.equal(list.title, "Extend Mira Okafor's session on render-farm (T4), 30 min left");
  list.type('6 h');
  list.enter();
  (await world.editor.message(/^Extend Mira Okafor's session on render-farm \(T4\) by 6 h\?$/)).dismiss();
  await extended;

  world.editor.configure('comfydeploy.outputsFolder', '/tmp');
  const saved = world.run('saveAndEndSession', targetOf(theirs));
  (await world.editor.message(/^Save the outputs of Mira Okafor's session on render-farm \(T4\), 30 min/)).dismiss();
  await saved;

  const acted = world.run('sessionActions', targetOf(theirs));
  const actions = await world.editor.pick(/What do you want to do/);
  assert.equal(actions.title, "Mira Okafor's session on render-farm (T4), 30 min left");
  actions.hide();
  await acted;
});

test('the only session there is may be somebody else’s, and then that is said', async (t) => {
  const { world } = await startTogether(t, false);
  const ended = world.run('cancelSession');
  (await world.editor.message(/^End Mira Okafor's session/)).dismiss();
  await ended;
  assert.deepEqual(
    [await world.run('keepAlive'), world.editor.messages.length, world.editor.openInput],
    [undefined, 1, undefined],
  );
});

test('the tab of a colleague’s session says whose it is', async (t) => {
  const { world, theirs } = await startTogether(t);
  await world.run('openSession', targetOf(theirs));
  assert.equal(world.editor.panels.at(-1)?.title, `render-farm · T4 · ${THEIRS}`);
});
