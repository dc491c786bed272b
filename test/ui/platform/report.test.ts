import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../../../src/platform/errors';
import { carriedOutBy, registerCommands } from '../../../src/platform/ui/commands';
import { wayOnFromCredit, wayOnFromKey } from '../../../src/sidebar/ui/ways';
import { redactingLog } from '../../../src/platform/ui/log';
import { createReport } from '../../../src/platform/ui/report';
import { Settings } from '../../../src/platform/ui/settings';
import { turn } from '../../fakes/until';
import { openEditor } from '../../fakes/vscode/editor';
import { FakeChannel } from '../../fakes/vscode/surfaces';

const KEY = 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoibWUifQ.c2lnbmF0dXJl';
const ADDRESS = 'https://ta-01.modal.host/?token=1';

function setup() {
  const editor = openEditor();
  const channel = new FakeChannel('log');
  return {
    editor,
    channel,
    report: createReport(redactingLog(channel), [wayOnFromKey, wayOnFromCredit(new Settings())]),
  };
}

test('walking away is no failure', () => {
  const { editor, channel, report } = setup();
  report(new DOMException('Aborted', 'AbortError'));
  assert.deepEqual([editor.messages, channel.lines], [[], []]);
});

for (const [kind, text, button, leadsTo] of [
  ['unauthorized', 'You are not signed in.', 'Sign In', 'comfydeploy.signIn'],
  ['misconfigured', 'The address is wrong.', 'Open Settings', 'workbench.action.openSettings'],
  ['offline', 'ComfyDeploy could not be reached.', 'Show Log', 'comfydeploy.showLog'],
] as const) {
  test(`a failure of kind ${kind} is shown once, with the button ${button}`, async () => {
    const { editor, report } = setup();
    report(new ApiError(kind, text));
    assert.deepEqual(
      editor.messages.map((message) => [message.kind, message.text, message.buttons]),
      [['warning', text, [button]]], // it disappears by itself
    );
    editor.messages[0]?.press(button);
    await turn();
    assert.deepEqual(
      editor.ran.map(({ id }) => id),
      [leadsTo],
    );
  });
}

test('what cannot be mended elsewhere stays until it is closed, and what more credit mends does not', () => {
  const { editor, report } = setup();
  for (const kind of ['refused', 'missing', 'malformed'] as const) report(new ApiError(kind, 'Not now'));
  report(new ApiError('refused', 'No session was started: Insufficient credit.', { said: 'Insufficient credit' }));
  report(new ApiError('refused', 'A workflow named Credit was not found.'));
  report(new ApiError('busy', 'ComfyDeploy had a server error (503).'));
  assert.deepEqual(
    editor.messages.map(({ kind }) => kind),
    ['error', 'error', 'error', 'warning', 'error', 'warning'],
  );
});

test('a failure that is dismissed leads nowhere', async () => {
  const { editor, report } = setup();
  report(new ApiError('busy', 'ComfyDeploy had a server error (503).'));
  editor.messages[0]?.dismiss();
  await turn();
  assert.deepEqual([editor.ran, editor.opened], [[], []]);
});

test('an unexpected failure is shown in plain words, and in full only in the log', () => {
  const { editor, channel, report } = setup();
  report(new TypeError('x is not a function'));
  assert.equal(editor.messages[0]?.text, 'Something unexpected went wrong.');
  assert.match(channel.lines.join('\n'), /TypeError: x is not a function\n\s+at /);
});

test('neither a message nor the log holds a key or an address', () => {
  const { editor, channel, report } = setup();
  report(new ApiError('refused', `No: ${ADDRESS} with ${KEY}`, { cause: new Error(`${ADDRESS} ${KEY}`) }));
  const words = [editor.words, ...channel.lines].join('\n');
  assert.ok(!words.includes('modal.host') && !words.includes('eyJ'), 'a secret was told');
  assert.match(editor.messages[0]?.text ?? '', /^No: https:\/\/\[address\] with \[key\]$/);
});

test('a failing command is reported once and goes no further', async () => {
  const editor = openEditor();
  const failure = new Error('boom');
  const reported: unknown[] = [];
  const registration = registerCommands(
    carriedOutBy(
      () => Promise.reject(failure),
      (error) => reported.push(error),
    ),
  );
  await editor.run('comfydeploy.cancelSession');
  assert.deepEqual(reported, [failure]);
  registration.dispose();
  assert.equal(editor.commands.size, 0);
});

test("a server's sentence is one line of the log, is cut, and neither hides nor forges anything", () => {
  const { channel, report } = setup();
  report(
    new ApiError('refused', `No.\n2030-01-01 12:00:00.000 [info] Signed in\r\u2028x\u202e\u200b${'y'.repeat(5_000)}`),
  );
  const [line = '', ...more] = channel.lines;
  assert.deepEqual(more, []);
  assert.match(line, /^refused: No\. 2030-01-01 12:00:00\.000 \[info\] Signed in xy+…$/);
  assert.equal(line.length, 500);
});

test('what has lines of its own stands indented below its entry', () => {
  const channel = new FakeChannel('log');
  redactingLog(channel).warn(`Failed:\n2030-01-01 [info] Signed in\rthen ${'z'.repeat(900)}`);
  const [entry = ''] = channel.lines;
  const lines = entry.split('\n');
  assert.deepEqual(
    lines.map((line) => line.slice(0, 24)),
    ['Failed:', '    2030-01-01 [info] Si', '    then zzzzzzzzzzzzzzz'],
  );
  assert.ok(lines.every((line) => line.length <= 504));
});

test('a key or host that is known by now is in no line, even where nothing marks it as one', () => {
  const channel = new FakeChannel('log');
  const log = redactingLog(channel);
  log.secrets.key('cd_live_0123456789');
  log.secrets.address('https://abc123.gpu.example.org/');
  log.info('sent cd_live_\u200b0123456789 to ABC123.gpu.example.org:443');
  assert.deepEqual(channel.lines, ['sent [key] to [address]']);
});

test('no line of any level brings a secret into the log', () => {
  const channel = new FakeChannel('log');
  const log = redactingLog(channel);
  for (const level of ['trace', 'info', 'warn'] as const) log[level](`${KEY} at ${ADDRESS}`);
  assert.deepEqual(
    channel.lines,
    Array.from({ length: 3 }, () => '[key] at https://[address]'),
  );
});
