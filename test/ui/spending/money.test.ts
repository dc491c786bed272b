import assert from 'node:assert/strict';
import test from 'node:test';
import { ours } from '../../../src/platform/ui/ours';
import { dayAndMonth } from '../../../src/platform/durations';
import { MarkdownString, Uri } from '../../fakes/vscode';
import { ask, START_UP_MS, startWithBox } from '../creating';
import { ME, MINUTE, start, startWithSession, targetOf, type World } from '../start';

const DAY = 24 * 60 * MINUTE;
const tooltipOf = ({ status: { tooltip } }: World): string => (tooltip instanceof MarkdownString ? tooltip.value : '');

test('the status item shows what the day and the month have cost, and the credit left', async (t) => {
  const { world } = await startWithSession(t, { minutesOld: 10 });
  await world.until('the balance', () => tooltipOf(world).includes('Credit left'));
  assert.match(tooltipOf(world), /Today: about \$0\.21/);
  assert.match(tooltipOf(world), /This month: about \$0\.21/);
  assert.match(tooltipOf(world), /Credit left: about \$\d+\.\d\d/);
  assert.match(tooltipOf(world), /Your sessions cost about \$1\.22 an hour.*estimates/);

  await world.advance(10 * MINUTE);
  assert.match(tooltipOf(world), /Today: about \$0\.4[12]/);
});

test('credit is asked for once, and every ten minutes while something runs', async (t) => {
  const { world, id } = await startWithSession(t);
  const asked = () => world.control.counts()['GET /api/platform/autumn-data'] ?? 0;
  assert.equal(asked(), 1);
  await world.advance(9 * MINUTE);
  assert.equal(asked(), 1);
  world.control.setAccount(ME, { creditDollars: 3 });
  await world.advance(2 * MINUTE);
  assert.equal(asked(), 2);
  assert.match(tooltipOf(world), /Credit left: about \$3\.00/);

  await world.control.endSession(id);
  await world.advance(30 * MINUTE);
  assert.equal(asked(), 2);
});

test('a server that reports no credit causes no complaint', async (t) => {
  const world = await start(t, {
    furnish: (control) => {
      control.addMachine({ ...ME, name: 'sd-box' });
      control.fault({
        method: 'GET',
        path: '/api/platform/autumn-data',
        effect: { kind: 'answer', status: 403, body: '{}' },
      });
    },
  });
  const creating = world.run('createSession');
  (await world.editor.pick(/On which machine/)).choose('sd-box');
  const gpus = await world.editor.pick(/Which GPU/);
  assert.equal(gpus.placeholder, 'Which GPU?');
  gpus.hide();
  await creating;
  assert.deepEqual(world.editor.messages, []);
});

test('what is left stands in every step before money is spent', async (t) => {
  const world = await startWithBox(t, (control) => control.setAccount(ME, { creditDollars: 12.4 }));
  const creating = world.run('createSession');
  (await world.editor.pick(/On which machine/)).choose('sd-box');
  const gpus = await world.editor.pick(/Which GPU/);
  assert.equal(gpus.placeholder, 'Which GPU? Credit left about $12.40');
  gpus.choose('A10G');
  const lengths = await world.editor.pick(/For how long/);
  assert.match(
    lengths.placeholder ?? '',
    /^For how long\? Choose, or type 1h30 or \d.{3,7}\. Credit left about \$12\.40$/,
    'as much as the line holds',
  );
  lengths.hide();
  await creating;
});

test('a length that costs more than what is left says so, in the list, when typed, and in the question', async (t) => {
  const world = await startWithBox(t, (control) => control.setAccount(ME, { creditDollars: 1 }));
  const creating = world.run('createSession', world.node('sd-box'));
  (await world.editor.pick(/Which GPU/)).choose('A10G');
  const lengths = await world.editor.pick(/For how long/);
  assert.equal(lengths.describe('30 min'), 'about $0.61');
  assert.equal(lengths.describe('1 h'), 'about $1.22 · only about $1.00 of credit left');
  lengths.type('5 h');
  assert.match(lengths.describe('5 h') ?? '', / · about \$6\.07 · only about \$1\.00 of credit left$/);
  lengths.enter();
  const question = await world.editor.message(/^Start A10G on sd-box for 5 h/);
  assert.match(question.options.detail ?? '', /costs about \$6\.07\. There is only about \$1\.00 of credit left\.$/);
  question.dismiss();
  await creating;
});

test('so does an extension', async (t) => {
  const { world, target } = await startWithSession(t);
  world.control.setAccount(ME, { creditDollars: 0.7 });
  await world.advance(20_000);
  const extending = world.run('extendSession', target);
  const list = await world.editor.pick(/By how much/);
  assert.match(list.describe('15 min more') ?? '', /about \$0\.31 more$/);
  assert.match(list.describe('1 h more') ?? '', /about \$1\.22 more · only about \$0\.\d\d of credit left$/);
  list.hide();
  await extending;
});

test('credit that came after there was none is known before it is spent', async (t) => {
  const world = await startWithBox(t, (control) => control.setAccount(ME, { creditDollars: 0 }));
  const placeholder = async () => {
    const creating = world.run('createSession', world.node('sd-box'));
    const gpus = await world.editor.pick(/Which GPU/);
    gpus.hide();
    await creating;
    return gpus.placeholder;
  };
  assert.equal(await placeholder(), 'Which GPU? No credit left');
  world.control.setAccount(ME, { creditDollars: 20 });
  await world.advance(MINUTE);
  assert.equal(await placeholder(), 'Which GPU? Credit left about $20.00');
});

test('Refresh asks for the credit, too, unless that was just done; no round in the background does', async (t) => {
  const { world } = await startWithSession(t);
  const asked = () => world.control.counts()['GET /api/platform/autumn-data'] ?? 0;
  world.control.setAccount(ME, { creditDollars: 0 });
  await world.advance(11 * MINUTE);
  assert.equal(asked(), 2);
  await world.advance(5 * MINUTE);
  assert.match(tooltipOf(world), /Credit left: none/);
  world.control.setAccount(ME, { creditDollars: 20 });
  await world.refresh();
  assert.match(tooltipOf(world), /Credit left: about \$20\.00/);
  await world.refresh();
  assert.equal(asked(), 3);
});

test('prices that are older than a day say of which day they are', async (t) => {
  const world = await startWithBox(t);
  const learnt = world.control.now();
  world.dispose();
  await world.control.advance(2 * DAY);
  world.control.fault({
    method: 'GET',
    path: '/api/platform/gpu-pricing',
    effect: { kind: 'answer', status: 500, body: '' },
  });
  const restarting = world.activate();
  await world.advance(MINUTE);
  await world.finish(restarting);
  const creating = world.run('createSession');
  (await world.editor.pick(/On which machine/)).choose('sd-box');
  const gpus = await world.editor.pick(/Which GPU/);
  assert.match(gpus.placeholder ?? '', new RegExp(`prices of ${dayAndMonth(learnt)}`));
  assert.match(gpus.describe('A10G') ?? '', /\$1\.22 an hour/);
  gpus.hide();
  await creating;
});

test('a session above a spending limit is started only if that is confirmed', async (t) => {
  const world = await startWithBox(t);
  world.editor.configure('comfydeploy.maxCostPerDay', 0.2);
  const declined = world.run('createSession');
  await ask(world);
  const question = await world.editor.message(/spending limit/);
  assert.equal(question.text, 'Today: about $0.31 would exceed your spending limit of $0.20.');
  assert.deepEqual([question.options.modal, question.buttons], [true, ['Start Anyway']]);
  question.dismiss();
  await declined;
  assert.equal(world.control.bill().created, 0);

  const confirmed = world.run('createSession');
  await ask(world);
  (await world.until('a second question', () => world.editor.messages[1])).press('Start Anyway');
  await world.until('the session', () => world.control.bill().created === 1);
  await world.advance(START_UP_MS * 2);
  await world.finish(confirmed);
});

test('below the spending limits nothing is asked', async (t) => {
  const world = await startWithBox(t);
  world.editor.configure('comfydeploy.maxCostPerSession', 0.4);
  const creating = world.run('createSession');
  await ask(world);
  await world.until('the session', () => world.control.bill().created === 1);
  await world.advance(START_UP_MS * 2);
  await world.finish(creating);
  assert.deepEqual(world.editor.messages, []);
});

test('an extension above a spending limit is asked about too, also from a notice', async (t) => {
  const { world, id } = await startWithSession(t, { minutesOld: 10 });
  world.editor.configure('comfydeploy.maxCostPerSession', 1);
  const extending = world.run('extendSession', ours({ ...targetOf(id), minutes: 60 }));
  const question = await world.editor.message(/spending limit/);
  assert.match(question.text, /^The session: about \$1\.8\d would exceed your spending limit of \$1\.00\.$/);
  question.press('Extend Anyway');
  await extending;
  assert.equal(world.control.bill().extended, 1);
});

test('the history is exported to where the user wants it', async (t) => {
  const { world } = await startWithSession(t);
  const exporting = world.run('exportHistory');
  const dialog = await world.editor.saveDialog();
  assert.deepEqual(dialog.options.filters, { CSV: ['csv'] });
  dialog.choose(Uri.parse('file:///home/ada/history.csv'));
  await exporting;
  const table = world.editor.written.get('file:///home/ada/history.csv') ?? '';
  assert.match(table, /^"started","ended","machine","gpu",/);
  assert.match(table, /,"sd-box","A10G",/);
  assert.equal(world.editor.statusMessages.at(-1), 'History exported');
});

test('cancelling the export writes nothing, and a full disk is reported', async (t) => {
  const { world } = await startWithSession(t);
  const first = world.run('exportHistory');
  (await world.editor.saveDialog()).choose(undefined);
  await first;
  assert.equal(world.editor.written.size, 0);

  world.editor.isDiskFull = true;
  const second = world.run('exportHistory');
  (await world.editor.saveDialog()).choose(Uri.parse('file:///full/history.csv'));
  await second;
  const { text } = await world.editor.message(/could not be written/);
  assert.equal(text, 'The history could not be written there. Choose another place.');
});
