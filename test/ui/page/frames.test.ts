import assert from 'node:assert/strict';
import test from 'node:test';
import type { PageState } from '../../../src/page/sessionPage';
import { startWithSession, type World } from '../start';
import { frameOf, lastPosted, noticeOf, panelOf, say } from '../tabPage';

const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}) =>
  () =>
    Promise.resolve(new Response(null, { status, headers }));
const never = (init?: RequestInit) =>
  new Promise<Response>((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))));

/** Opens a tab whose page gets this answer; resolves once the tab explains it. */
async function openBlocked(world: World, target: unknown, page: World['page']): Promise<PageState> {
  world.page = page;
  await world.run('openSession', target);
  return world.until('an explanation', () => {
    const state = noticeOf(world);
    return state?.kind === 'blocked' && state;
  });
}

for (const [what, page, headline] of [
  ['may not be framed', answer(200, { 'X-Frame-Options': 'DENY' }), "The page can't be shown in a tab"],
  ['is a gateway that fails', answer(503), 'The page returned an error'],
  ['redirects', answer(302, { Location: 'https://login.test' }), 'The page redirects to another address'],
  ['has no server', () => Promise.reject(new TypeError('fetch failed')), "The page can't be reached"],
] as const) {
  test(`a page that ${what} is explained before any time has passed`, async (t) => {
    const { world, target } = await startWithSession(t);
    const state = await openBlocked(world, target, page);
    assert.equal(state.headline, headline);
    const ways = state.actions.map(({ text }) => text);
    assert.deepEqual(
      ['Open in Browser', 'Try Again', 'Show It Anyway'].filter((way) => !ways.includes(way)),
      [],
    );
    assert.notEqual(frameOf(panelOf(world)), undefined, 'the frame stays behind the explanation');
  });
}

test('a page that does not answer is explained within three seconds, and shown when it does', async (t) => {
  const { world, target } = await startWithSession(t);
  let respond: (response: Response) => void = () => undefined;
  world.page = () => new Promise((resolve) => (respond = resolve));
  await world.run('openSession', target);
  const panel = panelOf(world);
  await world.advance(2_000);
  assert.deepEqual(
    panel.webview.posted.filter((state) => (state as PageState).headline !== ''),
    [],
  );
  await world.advance(1_000);
  assert.equal(lastPosted(panel).headline, 'The page is not responding');
  respond(new Response());
  await world.until('the page', () => lastPosted(panel).kind === 'open');
});

test('a page that never answers is waited for no longer after half a minute', async (t) => {
  const { world, target } = await startWithSession(t);
  world.page = never;
  await world.run('openSession', target);
  await world.advance(31_000);
  await world.until('the end of waiting', () => /still running/.test(noticeOf(world)?.detail ?? ''));
});

test("the page's own word is worth more than what its server says", async (t) => {
  const { world, target } = await startWithSession(t);
  await openBlocked(world, target, answer(200, { 'X-Frame-Options': 'DENY' }));
  say(panelOf(world), 'alive');
  assert.equal(noticeOf(world)?.kind, 'open');
});

test('a page that has not spoken after a minute gets a line above it, which goes when it speaks', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openSession', target);
  const panel = panelOf(world);
  await world.advance(61_000);
  assert.deepEqual(
    [lastPosted(panel).kind, lastPosted(panel).actions.map(({ text }) => text)],
    ['quiet', ['Open in Browser', 'Hide']],
  );
  say(panel, 'alive');
  assert.equal(lastPosted(panel).kind, 'open');
});

test('a refused page opens elsewhere at one key: where the editor has a browser, there', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await openBlocked(world, target, answer(200, { 'X-Frame-Options': 'DENY' }));
  const { url } = world.control.session(id)!;
  say(panelOf(world), 'elsewhere');
  await world.until('the browser', () => world.editor.opened.length === 1);
  assert.deepEqual(world.editor.opened, [url]);

  const opened: unknown[] = [];
  world.editor.others.set('workbench.action.browser.open', (what) => void opened.push(what));
  say(panelOf(world), 'elsewhere');
  await world.until("VS Code's browser", () => opened.length === 1);
  assert.deepEqual([opened, world.editor.opened.length, world.editor.messages], [[url], 1, []]);
});

test('trying again loads the page anew and asks its server again', async (t) => {
  const { world, target } = await startWithSession(t);
  await openBlocked(world, target, answer(502));
  const panel = panelOf(world);
  const loaded = panel.webview.documents.length;
  world.page = answer(200);
  say(panel, 'retry');
  await world.settled();
  assert.equal(panel.webview.documents.length, loaded + 1);
  assert.match(panel.webview.html, /&#34;kind&#34;:&#34;open&#34;/);
  const before = panel.webview.posted.length;
  await world.advance(5_000);
  assert.equal(panel.webview.posted.length, before, 'nothing is left of the first attempt');
});

test('a document that VS Code reloads gets the current state of its tab', async (t) => {
  const { world, target } = await startWithSession(t);
  const state = await openBlocked(world, target, answer(502));
  const { webview } = panelOf(world);
  const before = webview.posted.length;
  say(panelOf(world), 'loaded');
  assert.deepEqual(webview.posted.slice(before), [state]);
});

test('a closed tab asks for nothing more', async (t) => {
  const { world, target } = await startWithSession(t);
  const signals: (AbortSignal | null | undefined)[] = [];
  world.page = (init) => {
    signals.push(init?.signal);
    return never(init);
  };
  await world.run('openSession', target);
  panelOf(world).dispose();
  assert.deepEqual(
    signals.map((signal) => signal?.aborted),
    [true],
  );
});
