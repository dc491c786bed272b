import assert from 'node:assert/strict';
import test from 'node:test';
import type { LogLine } from '../../../src/comfydeploy/logs';
import { LONGEST_MESSAGE } from '../../../src/page/pluginLimits';
import { openPage, overPage, sessionPage, waitingPage } from '../../../src/page/sessionPage';
import { TabDocument } from '../../fakes/tabDocument';

const ORIGIN = 'https://one.tunnel.test';
const NONCE = 'the mark of this document';
const SETUP = '{"type":"cd_plugin_setup","data":{}}';
const LOADED = '{"type":"graph_loaded","data":{}}';
const QUESTION = { ask: '{"type":"graph_load"}', answer: 'graph_loaded' };

function open(url: string | undefined = `${ORIGIN}/?a=1`, ancestors?: readonly string[] | null) {
  const posted: unknown[] = [];
  const asked: unknown[][] = [];
  const html = sessionPage({
    title: 'A10G',
    sessionId: 'one',
    scope: '811c9dc5',
    nonce: NONCE,
    state: openPage(),
    url,
  });
  const document = new TabDocument(
    html,
    {
      post: (message) => posted.push(message),
      ask: (...what) => asked.push(what),
    },
    ancestors,
  );
  const typesSent = () => posted.map((message) => (message as { type: string }).type);
  return { document, posted, typesSent, asked };
}

test('the framed page is asked at its own origin only, and its one answer is passed on with the mark', () => {
  const { document, posted, asked } = open();
  document.host(QUESTION);
  assert.deepEqual(asked, [[QUESTION.ask, ORIGIN]]);
  document.page(LOADED);
  document.page(LOADED);
  assert.deepEqual(posted, [
    { type: 'loaded', from: NONCE },
    { type: 'alive', from: NONCE },
    { type: 'answer', from: NONCE, text: LOADED },
  ]);
});

test('an address with the origin of a window around the tab is not loaded, and that is reported', () => {
  for (const around of [[ORIGIN], ['https://webview.test', ORIGIN], [ORIGIN, 'vscode-file://app']]) {
    const { document, typesSent } = open(`${ORIGIN}/proxy/8188/`, around);
    assert.deepEqual([document.frame?.src, typesSent()], ['', ['loaded', 'ofEditor']]);
  }
  for (const around of [['https://webview.test', `${ORIGIN}:8443`], [], null]) {
    const { document, typesSent } = open(`${ORIGIN}/?a=1`, around);
    assert.deepEqual([document.frame?.src, typesSent()], [`${ORIGIN}/?a=1`, ['loaded']]);
  }
});

test('nobody else is heard: not another origin in the frame, not another window, not one of our own words', () => {
  const { document, typesSent, asked } = open();
  document.host(QUESTION);
  const strangers = [
    { origin: 'https://other.tunnel.test' },
    { origin: 'null' },
    { origin: `${ORIGIN}.evil.test` },
    { source: {} },
    { source: null },
  ];
  for (const stranger of strangers)
    for (const data of [SETUP, LOADED, QUESTION, overPage('asked'), { type: 'startAgain' }])
      document.page(data, stranger);
  assert.deepEqual(typesSent(), ['loaded']);
  assert.equal(asked.length, 1);
  assert.equal(document.element('notice').hidden, true, 'nothing is shown for it');
});

test('a page in the frame cannot use the words of the extension, even of its own origin', () => {
  const { document, typesSent, asked } = open();
  for (const data of [QUESTION, overPage('asked'), { type: 'startAgain', from: NONCE }, { type: 'retry' }])
    document.page(data);
  assert.deepEqual(typesSent(), ['loaded', 'alive']);
  assert.deepEqual([asked.length, document.element('notice').hidden], [0, true]);
});

test('nothing is passed on unasked but the word that it is ready, once a second at most', () => {
  const { document, typesSent } = open();
  for (let count = 0; count < 1_000; count++)
    for (const data of [SETUP, LOADED, '{"type":"cd_plugin_onAfterChange"}', 'x', '{', 7, null, { type: SETUP }])
      document.page(data);
  assert.deepEqual(typesSent(), ['loaded', 'alive', 'setup']);
  document.now += 1_000;
  document.page(SETUP);
  assert.deepEqual(typesSent(), ['loaded', 'alive', 'setup', 'setup'], 'a page that has reloaded itself is noticed');
});

test('an answer is text of the type that was asked for, and not longer than any graph', () => {
  const { document, typesSent } = open();
  document.host(QUESTION);
  const long = `{"type":"graph_loaded","data":"${'x'.repeat(LONGEST_MESSAGE)}"}`;
  const near = [
    '{"type":"graph_loaded"',
    '[{"type":"graph_loaded"}]',
    '{"data":{"type":"graph_loaded"}}',
    '"graph_loaded"',
  ];
  const others = [
    '{"type":"cd_plugin_onGetPrompt","data":{}}',
    '{"type":"GRAPH_LOADED"}',
    '{"__proto__":{"type":"graph_loaded"}}',
  ];
  for (const data of [long, ...near, ...others, { type: 'graph_loaded' }, new String(LOADED)]) document.page(data);
  assert.deepEqual(typesSent(), ['loaded', 'alive']);
  document.page(LOADED);
  assert.deepEqual(typesSent(), ['loaded', 'alive', 'answer'], 'the real one is still waited for');
});

test('where there is no frame nobody is asked and nobody heard', () => {
  const html = sessionPage({
    title: 'A10G',
    sessionId: 'one',
    scope: '811c9dc5',
    nonce: NONCE,
    state: openPage(),
    url: undefined,
  });
  const posted: unknown[] = [];
  const document = new TabDocument(html, { post: (message) => posted.push(message), ask: () => assert.fail() });
  document.host(QUESTION);
  document.page(SETUP);
  assert.deepEqual(posted, [{ type: 'loaded', from: NONCE }]);
});

test('what the extension says is shown, and its buttons speak with the mark', () => {
  const { document, posted } = open();
  document.host(overPage('deadline'));
  assert.equal(document.element('headline').textContent, 'Session ended');
  document.element('actions').children[0]?.click();
  assert.deepEqual(posted.at(-1), { type: 'startAgain', from: NONCE });
});

test('that the framed page has the focus is passed on, and then that its graph changes, but nothing of it', () => {
  const { document, posted, typesSent } = open();
  const change = `{"type":"cd_plugin_onAfterChange","data":${JSON.stringify({ workflow: 'x'.repeat(5_000) })}}`;
  document.page(change);
  assert.deepEqual(typesSent(), ['loaded', 'alive'], 'nobody works in it');
  document.focusOn('frame');
  for (let n = 0; n < 100; n++) document.page(change);
  assert.deepEqual(typesSent().slice(2), ['entered', 'changed'], 'however often it says so');
  assert.deepEqual(posted.at(-1), { type: 'changed', from: NONCE });
  document.now += 5_000;
  document.page(change);
  document.focusOn('elsewhere');
  document.page(change);
  assert.deepEqual(typesSent().slice(4), ['changed', 'left']);
});

test('a start is spoken of step by step, not second by second', () => {
  const { document } = open(undefined);
  const created = 1_000;
  const page = (now: number, log: readonly LogLine[] = []) =>
    document.host(waitingPage({ gpu: 'A10G', createdAt: created }, 'sd-box', now, log));
  page(created + 3_000);
  const [detail, steps] = [document.element('detail'), document.element('steps')];
  assert.equal(detail.attributes.get('aria-live'), 'off');
  const [said, before] = [detail.textContent, steps.children];
  page(created + 4_000);
  assert.notEqual(detail.textContent, said);
  assert.equal(steps.children, before, 'the steps are those of before');
  page(created + 5_000, [{ message: 'Warming up ComfyUI', level: 'info', at: 0 }]);
  assert.notEqual(steps.children, before);
  document.host(overPage('asked'));
  assert.equal(detail.attributes.get('aria-live'), 'polite', 'its end is spoken of');
});
