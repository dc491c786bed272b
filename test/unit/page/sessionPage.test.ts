import assert from 'node:assert/strict';
import test from 'node:test';
import type { LogLine } from '../../../src/comfydeploy/logs';
import { fold } from '../../../src/spending/receipts';
import { closed, NOON, opened } from '../../fakes/receipts';
import { lookingPage, openPage, overPage, refusedPage, waitingPage } from '../../../src/page/sessionPage';
import { NOW } from '../../fakes/appState';
import { page, policyOf } from './sessionPage';

const line = (message: string): LogLine => ({ message, level: 'info', at: 0 });

test('the page may frame the origin of its session and nothing else, and runs only its own script', () => {
  assert.equal(
    policyOf(page({ url: 'https://one.tunnel.test:8443/path?x=1#y' })),
    "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'nonce-abc123'; script-src 'nonce-abc123'; frame-src https://one.tunnel.test:8443",
  );
  assert.match(policyOf(page({ url: 'http://127.0.0.1:8188/' })), /frame-src http:\/\/127\.0\.0\.1:8188$/);
});

test('the framed page may write to the clipboard and never read it, and is loaded by the script alone', () => {
  const html = page({ url: 'https://one.tunnel.test/' });
  assert.equal(/ allow="([^"]*)"/.exec(html)?.[1], 'clipboard-write; fullscreen; autoplay');
  assert.doesNotMatch(html, /<iframe [^>]* src=/);
});

test('only where the window may reach less than we do may the page ask for its address itself', () => {
  const url = 'https://one.tunnel.test/path';
  assert.match(policyOf(page({ url, isRemote: true })), /; connect-src https:\/\/one\.tunnel\.test$/);
  assert.match(page({ url, isRemote: true }), /<body [^>]* data-asks>/);
  for (const shell of [page({ url }), page({ isRemote: true })]) {
    assert.doesNotMatch(policyOf(shell), /connect-src/);
    assert.doesNotMatch(shell, /data-asks/);
  }
});

test('lines of a log and reasons in it are words on the page', () => {
  const { detail, log } = overPage('failedToStart', {
    reason: 'no\u202e\u200b torch\nand',
    log: [line('a\n\u202eb \x1b[31mred')],
  });
  assert.match(detail, /The log says: no torch and$/);
  assert.deepEqual(log, ['a b red']);
});

test('without an address there is no frame, and none is allowed', () => {
  assert.match(policyOf(page()), /frame-src 'none'$/);
  assert.doesNotMatch(page(), /<iframe/);
  assert.match(page({ url: 'https://one.tunnel.test/' }), /<iframe/);
});

test('an address that is not safe is refused', () => {
  for (const url of [
    'http://one.tunnel.test/',
    'javascript:alert(1)',
    'data:text/html,x',
    'vscode://x',
    'https://*/',
    'https://*.tunnel.test/',
    "https://x;script-src'unsafe-inline'/",
    'nowhere',
  ])
    assert.throws(() => page({ url }), RangeError, url);
});

test('an address cannot break out of its attribute', () => {
  const html = page({ url: `https://one.tunnel.test/?a="onload='x'&b=<c>` });
  assert.match(html, /src="https:\/\/one\.tunnel\.test\/\?a=%22onload=%27x%27&#38;b=%3Cc%3E"/);
});

test('while a session starts, the page says how long, which step, and the last words of the log', () => {
  const words = Array.from({ length: 12 }, (_, index) => line(`line ${index}`));
  const before = waitingPage({ gpu: 'T4', createdAt: NOW }, 'Workhorse', NOW + 68_000, words);
  const after = waitingPage({ gpu: 'T4', createdAt: NOW }, undefined, NOW, [line('Warming up ComfyUI...')]);

  assert.equal(before.headline, 'Starting T4 on Workhorse');
  assert.match(before.detail, /^1 min 08 s so far ·/);
  assert.deepEqual(
    before.log,
    words.slice(-8).map(({ message }) => message),
  );
  assert.deepEqual(
    before.steps.map(({ state }) => state),
    ['done', 'now', 'next'],
  );
  assert.equal(after.headline, 'Starting T4');
  assert.deepEqual(
    after.steps.map(({ state }) => state),
    ['done', 'done', 'now'],
  );
});

test('when a session is over, the page says why and offers to start again', () => {
  for (const why of ['asked', 'deadline', 'elsewhere', 'failedToStart', 'unknown'] as const) {
    const { kind, headline, actions } = overPage(why);
    assert.deepEqual(
      [kind, actions.map(({ text }) => text)],
      ['over', ['Start Again', 'Show Session Log', 'Show Last Page']],
    );
    assert.match(headline, /^Session (ended|failed to start|is over)$/);
  }
  assert.equal(
    overPage('failedToStart', { reason: 'CUDA is gone' }).detail,
    'ComfyDeploy gave up on it. The log says: CUDA is gone',
  );
});

test('what is looked for or refused offers no second start', () => {
  for (const state of [lookingPage(), refusedPage(), openPage()]) assert.deepEqual(state.actions, []);
  assert.equal(lookingPage().kind, 'waiting');
  assert.equal(refusedPage().kind, 'over');
});

test('the page has one landmark, which shows whatever is on show, and no role of its own', () => {
  for (const url of [undefined, 'https://x.test/']) {
    const html = page({ url });
    assert.match(html, /<main>\s*<h1>[^<]*<\/h1>\s*<div id="notice" role="status"[^>]* hidden>/);
    assert.equal(html.indexOf('<iframe') > html.indexOf('</main>'), false, 'the frame is within it');
    assert.equal(html.split('<main').length, 2);
  }
});

test('a start that was canceled says so after a reload too', () => {
  const at = NOON + 20_000;
  const canceled = closed('one', { why: 'you', startedAt: at, endedAt: at });
  const receipt = fold([opened('one'), canceled]).get(canceled.sessionId);
  assert.equal(overPage('unknown', { receipt }).headline, 'Start canceled');
  const ran = fold([opened('one'), closed('one', { why: 'you' })]).get(canceled.sessionId);
  assert.equal(overPage('unknown', { receipt: ran }).headline, 'Session ended');
});
