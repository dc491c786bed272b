import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { LONGEST_MESSAGE } from '../../../src/page/pluginLimits';
import { COMMANDS } from '../../../src/platform/ui/commands';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { turn } from '../../fakes/until';
import { openFramed, type FramedComfyUi } from '../framedComfyUi';
import { startWithSession, type World } from '../start';
import { nonceOf, panelOf } from '../tabPage';

const MESSAGES = 10_000;
const A_MOMENT = 1_000;

const OUR_WORDS = ['startAgain', 'showLog', 'elsewhere', 'retry', 'loaded', 'alive', 'setup', 'unreached', 'answer'];
const ITS_WORDS = ['cd_plugin_setup', 'graph_loaded', 'cd_plugin_onGetPrompt', 'graph_load', 'get_prompt', 'deploy'];
const word = fc.constantFrom(...OUR_WORDS, ...ITS_WORDS, 'command', 'open', 'file_drop', 'workflow_info');
const bait = fc.constantFrom(
  ...COMMANDS.map((name) => `comfydeploy.${name}`),
  ...['workbench.action.terminal.sendSequence', 'vscode.open', 'command:comfydeploy.cancelAllSessions'],
  ...[
    'file:///etc/passwd',
    '../../.ssh/id_rsa',
    'C:\\Windows\\x',
    'vscode://x',
    'javascript:alert(1)',
    'https://evil.test/',
  ],
  ...['<img src=x onerror=alert(1)>', '${env:HOME}', '\u00000123456789012345678', 'x'.repeat(50_000)],
);
const pollution = fc.constantFrom(
  ...['{"__proto__":{"type":"graph_loaded"}}', '{"constructor":{"prototype":{"isReady":true}}}'],
  ...['{"type":"graph_loaded","__proto__":{"polluted":1}}', '{"type":"cd_plugin_onGetPrompt","data":{"__proto__":[]}}'],
);
const data = fc.oneof(
  fc.jsonValue(),
  bait,
  fc.constantFrom({ workflow: defaultWorkflow, output: defaultPrompt(1) }, { kind: 'open', headline: '', actions: [] }),
);
/** Any message that a page can post, as an object or as text; mostly nearly valid ones. */
const message = fc.oneof(
  { weight: 1, arbitrary: fc.anything({ withBigInt: false }) },
  { weight: 1, arbitrary: fc.oneof(fc.string(), bait, pollution) },
  { weight: 2, arbitrary: fc.record({ type: word, from: fc.oneof(fc.string(), bait), data, text: fc.string() }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.string(), answer: word, kind: fc.constant('open') }) },
  {
    weight: 3,
    arbitrary: fc
      .record({ type: fc.oneof(word, bait), data, command: bait, uri: bait, path: bait }, { requiredKeys: ['type'] })
      .map((one) => JSON.stringify(one)),
  },
);

/** All possible effects of a message: commands, files, pages, notices, requests and posted messages. */
function traces({ editor, control }: World, { panel, page }: FramedComfyUi): unknown {
  const polluted = Object.keys(Object.prototype);
  return structuredClone({
    ran: editor.ran,
    written: [...editor.written],
    opened: editor.opened,
    shown: editor.shownTexts.length,
    polluted,
    messages: editor.messages.length,
    progresses: editor.progresses.length,
    notes: editor.statusMessages,
    dialogs: editor.saveDialogs.length,
    panels: editor.panels.length,
    terminals: editor.terminals.length,
    contexts: [...editor.contexts],
    clipboard: editor.clipboard,
    settings: [...editor.settings],
    posted: panel.webview.posted,
    documents: panel.webview.documents.length,
    title: panel.title,
    heard: page.heard,
    bill: control.bill(),
    revealed: panel.revealed,
    input: editor.openInput !== undefined,
  });
}

test('ten thousand messages of a hostile page change nothing', async (t) => {
  const { world, target } = await startWithSession(t);
  const frame = await openFramed(world, target);
  await world.settled();
  const before = traces(world, frame);
  const rows = world.rows;
  const nonce = nonceOf(frame.panel.webview.html);
  const isHarmless = (one: unknown) => !(one instanceof Object && 'from' in one && one.from === nonce);
  const messages = fc.sample(message, { numRuns: MESSAGES, seed: 4 }).filter(isHarmless);
  assert.ok(messages.length > MESSAGES - 10);
  for (const [index, one] of messages.entries()) {
    frame.document.page(one); // from the frame, through our script
    frame.panel.webview.send(one); // as if without our script
    const text = typeof one === 'string' ? one : JSON.stringify(one);
    frame.panel.webview.send({ type: 'answer', from: nonce, text }); // as if our script passed everything on
    if (index % 500 === 0) await turn();
  }
  await world.settled();
  assert.deepEqual(traces(world, frame), before);
  assert.deepEqual(world.rows, rows);
});

test('what a hostile page answers is taken for what it is: data, once, and of the type that was asked for', async (t) => {
  const { world, target } = await startWithSession(t, {}, { comfyUi: true });
  const frame = await openFramed(world, target, 'mute');
  const uri = world.editor.files.write('a.json', JSON.stringify(defaultWorkflow));
  const opening = world.run('openWorkflow', uri);
  await world.until('the question', () => frame.page.heard.length === 1);
  for (const one of fc.sample(message, { numRuns: 1_000, seed: 5 }))
    if (typeof one !== 'string' || !one.includes('"graph_loaded"')) frame.document.page(one);
  assert.equal(frame.page.heard.length, 1, 'it still waits');
  frame.document.page('{"type":"graph_loaded","data":{"command":"comfydeploy.cancelAllSessions"}}');
  await world.until('the second question', () => frame.page.heard.length === 2);
  const evil = { nodes: [{ id: '../../x', type: '<script>' }], links: [], command: 'comfydeploy.signOut' };
  for (const workflow of [evil, defaultWorkflow])
    frame.document.page(JSON.stringify({ type: 'cd_plugin_onGetPrompt', data: { workflow } }));
  await world.advance(30_000);
  await world.finish(opening);
  assert.equal(world.control.bill().cancelled, 0);
  assert.deepEqual([world.editor.opened, [...world.editor.written], world.editor.ran], [[], [], []]);
});

test('a message larger than any graph is not even read', async (t) => {
  const { world, target } = await startWithSession(t);
  const frame = await openFramed(world, target, 'mute');
  const saving = world.run('saveWorkflow', target);
  await world.until('the question', () => frame.page.heard.length === 1);
  const workflow = { ...defaultWorkflow, note: 'x'.repeat(LONGEST_MESSAGE) };
  const text = JSON.stringify({ type: 'cd_plugin_onGetPrompt', data: { workflow } });
  frame.document.page(text);
  panelOf(world).webview.send({ type: 'answer', from: nonceOf(panelOf(world).webview.html), text });
  await world.settled();
  assert.deepEqual(world.editor.saveDialogs, []);
  await world.advance(A_MOMENT);
  (await world.editor.progress(/^Reading/)).cancel();
  await saving;
});

test('neither the key nor any token is in a message or document that a tab was ever given', async (t) => {
  const { world, target, id } = await startWithSession(t, {}, { comfyUi: true });
  const frame = await openFramed(world, target);
  await world.run('openWorkflow', world.editor.files.write('a.json', JSON.stringify(defaultWorkflow)));
  const saving = world.run('saveWorkflow', target);
  (await world.editor.saveDialog()).choose(undefined);
  await saving;
  await world.control.endSession(id);
  await world.refresh();
  const { posted, documents } = frame.panel.webview;
  assert.ok(posted.length > 3);
  const given = JSON.stringify([posted, documents]);
  for (const { token } of world.control.keys()) assert.ok(!given.includes(token));
  const { url } = world.control.sessions().find((session) => session.id === id) ?? {};
  assert.ok(!JSON.stringify(posted).includes(url ?? frame.document.frame!.src), 'the address is in the frame only');
});
