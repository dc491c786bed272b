import assert from 'node:assert/strict';
import test from 'node:test';
import { ask, START_UP_MS, startWithBox } from '../creating';
import { MINUTE, startWithSession, targetOf, type World } from '../start';
import { lastPosted, panelOf, say } from '../tabPage';

const terminalOf = ({ editor }: World) => editor.terminals.at(-1)!;
const wordsOf = (world: World) => terminalOf(world).lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''));
const STREAM = 'GET /api/v2/stream-logs';

/** Lines arrive over an open connection and are shown a moment later. */
async function shows(world: World, line: string): Promise<void> {
  await world.until(`the line ${line}`, () => {
    void world.control.advance(100);
    return wordsOf(world).includes(line);
  });
}

test('the log of a session is followed live in a terminal of its own', async (t) => {
  const { world, id, target } = await startWithSession(t);
  world.control.writeLog(id, 'got prompt');
  await world.run('showSessionLog', target);
  const terminal = terminalOf(world);
  assert.deepEqual([terminal.name, terminal.options.isTransient], ['ComfyDeploy: A10G on sd-box', true]);
  await shows(world, 'got prompt');

  world.control.writeLog(id, '\x1b[32mdone\x1b[0m', 'info');
  world.control.writeLog(id, 'out of memory');
  await shows(world, 'out of memory');
  const said = ['got prompt', 'done', 'out of memory'];
  assert.deepEqual(
    wordsOf(world).filter((line) => said.includes(line)),
    said,
  );
  assert.match(terminal.text, /\x1b\[32mdone\x1b\[0m/);

  await world.run('showSessionLog', target);
  assert.deepEqual([world.editor.terminals.length, terminal.shown], [1, 2]);
});

test('no address and no escape sequence but colours gets from a log into the terminal', async (t) => {
  const { world, id, target } = await startWithSession(t);
  const { url } = world.control.session(id)!;
  world.control.writeLog(id, `\x1b]52;c;cm0=\x07\x1b[2JTunnel: ${url ?? ''}`);
  await world.run('showSessionLog', target);
  await shows(world, 'Tunnel: https://[address]');
  assert.doesNotMatch(terminalOf(world).text, /\x1b(?!\[[\d;]*m)/);
});

test('a log that is closed is no longer followed, and can be shown again', async (t) => {
  const { world, id, target } = await startWithSession(t);
  world.control.writeLog(id, 'got prompt');
  await world.run('showSessionLog', target);
  await shows(world, 'got prompt');
  terminalOf(world).dispose();
  world.control.set({ logs: 'unavailable' });
  await world.run('showSessionLog', target);
  assert.ok(wordsOf(world).includes('got prompt'), 'what was read before is there at once');
  await shows(world, '· This server keeps no logs. Retrying.');
  terminalOf(world).dispose();
  const asked = world.control.counts()[STREAM];
  await world.advance(MINUTE);
  assert.equal(world.control.counts()[STREAM], asked);
});

test('while the connection is lost the terminal says so once, and then goes on without a repetition', async (t) => {
  const { world, id, target } = await startWithSession(t);
  world.control.writeLog(id, 'got prompt');
  world.control.setOffline(true);
  await world.run('showSessionLog', target);
  await world.advance(20_000);
  assert.deepEqual(wordsOf(world), ['· Nothing has been logged yet.', '· ComfyDeploy could not be reached. Retrying.']);
  world.control.setOffline(false);
  await world.advance(20_000);
  await shows(world, 'got prompt');
  assert.equal(wordsOf(world).filter((line) => line === 'got prompt').length, 1);
});

test('the terminal of a session that has ended says how, and stays', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.run('showSessionLog', target);
  world.control.writeLog(id, 'got prompt');
  await shows(world, 'got prompt');
  await world.control.endSession(id);
  await world.refresh();
  await world.advance(15_000);
  assert.deepEqual(wordsOf(world).slice(-2), [
    'got prompt',
    '· Session ended. It ended elsewhere or while VS Code was closed. It is no longer billed.',
  ]);
  const terminal = terminalOf(world);
  assert.deepEqual([terminal.isClosed, terminal.newName], [false, 'ComfyDeploy: A10G on sd-box (ended)']);
  const asked = world.control.counts()[STREAM];
  await world.advance(MINUTE);
  assert.equal(world.control.counts()[STREAM], asked);
});

test('a start that fails leads to its log, which is still there', async (t) => {
  const world = await startWithBox(t, (control) => control.failNextStartUp('No module named torch'));
  const created = world.run('createSession');
  await ask(world);
  await world.advance(2 * START_UP_MS);
  await world.finish(created);
  (await world.editor.message(/failed to start/)).press('Show Session Log');
  await world.until('a terminal', () => world.editor.terminals.length > 0);
  await world.advance(15_000);
  await world.until('the end of the log', () => wordsOf(world).at(-1)?.startsWith('· Session failed to start'));
  assert.equal(wordsOf(world).at(-2), 'Failed to start session.');
  assert.ok(wordsOf(world).some((line) => line.includes('No module named torch')));
});

test("a session's tab leads to its log, while it starts, and when it is over", async (t) => {
  const { world, id, target } = await startWithSession(t, { state: 'starting', minutesOld: 0 });
  await world.run('openSession', target);
  const panel = panelOf(world);
  const offers = () => lastPosted(panel).actions.map(({ text }) => text);
  assert.deepEqual(offers(), ['Show Session Log']);
  say(panel, 'showLog');
  await world.until('a terminal', () => world.editor.terminals.length > 0);
  assert.equal(world.control.counts()[STREAM], 1, 'the tab and the terminal share one connection');

  terminalOf(world).dispose();
  await world.control.endSession(id);
  await world.refresh();
  await world.run('showSessionLog');
  assert.equal(world.editor.terminals.length, 2, 'the palette means the tab in front');
  assert.ok(offers().includes('Show Session Log'));
  say(panel, 'showLog');
  await world.until('the same terminal', () => terminalOf(world).shown === 2);
});

test('session actions offer the log', async (t) => {
  const { world, target } = await startWithSession(t);
  const acting = world.run('sessionActions', target);
  (await world.editor.pick(/sd-box/)).choose('Show Log');
  await acting;
  assert.equal(terminalOf(world).shown, 1);
});

test('the log of a session that is long gone is marked as ended', async (t) => {
  const { world } = await startWithSession(t);
  await world.run('showSessionLog', targetOf('11111111-1111-4111-8111-111111111111'));
  await world.until('its end', () => {
    void world.control.advance(100);
    return wordsOf(world).at(-1) === "· Session is over. ComfyDeploy doesn't find it in this account.";
  });
});
