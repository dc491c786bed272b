import assert from 'node:assert/strict';
import test from 'node:test';
import { isOfEditor } from '../../../src/page/editorOrigin';
import { lookAtPage } from '../../../src/page/frameProbe';
import { frameVerdict, type Embedder, type FrameVerdict } from '../../../src/page/frameVerdict';
import { framePage, type FrameSigns } from '../../../src/page/framePage';
import { ManualClock } from '../../fakes/manualClock';

type Wire = Readonly<Record<string, string>>;
const ADDRESS = 'https://one.tunnel.test/';
const ancestors = (list: string): Wire => ({ 'Content-Security-Policy': `default-src *; frame-ancestors ${list}` });

for (const [headers, status, embedder, expected] of [
  [{}, 200, 'desktop', 'shows'],
  [{}, 304, 'web', 'shows'],
  [{ 'X-Frame-Options': 'DENY' }, 200, 'desktop', 'refuses'],
  [{ 'X-Frame-Options': ' sameorigin ' }, 200, 'web', 'refuses'],
  [{ 'X-Frame-Options': 'SAMEORIGIN, SAMEORIGIN' }, 200, 'web', 'refuses'],
  [{ 'X-Frame-Options': 'ALLOW-FROM https://x.test' }, 200, 'desktop', 'shows'],
  [{ 'X-Frame-Options': 'ALLOWALL' }, 200, 'desktop', 'shows'],
  [ancestors("'none'"), 200, 'desktop', 'refuses'],
  [ancestors("'self'"), 200, 'web', 'refuses'],
  [ancestors(''), 200, 'web', 'refuses'],
  [ancestors('*'), 200, 'web', 'shows'],
  [ancestors('*'), 200, 'desktop', 'refuses'], // `*` matches web addresses only
  [ancestors('https:'), 200, 'web', 'shows'],
  [ancestors('https://app.comfydeploy.com'), 200, 'web', 'refuses'],
  [ancestors('* vscode-webview: vscode-file:'), 200, 'desktop', 'shows'],
  [ancestors('vscode-webview://* vscode-file://vscode-app'), 200, 'desktop', 'shows'],
  [ancestors('vscode-webview:'), 200, 'desktop', 'refuses'], // the window around the webview counts, too
  [{ ...ancestors('*'), 'X-Frame-Options': 'DENY' }, 200, 'web', 'shows'], // CSP takes precedence
  [{ 'Content-Security-Policy': "default-src 'self'" }, 200, 'web', 'shows'],
  [{ 'Content-Security-Policy': "frame-ancestors *, FRAME-ANCESTORS 'none'" }, 200, 'web', 'refuses'],
  [{ 'Content-Security-Policy-Report-Only': "frame-ancestors 'none'" }, 200, 'web', 'shows'],
  [{ 'X-Frame-Options': 'DENY' }, 502, 'desktop', 'fails 502'], // a gateway's own page
  [{}, 404, 'desktop', 'fails 404'],
  [{}, 405, 'desktop', 'shows'],
  [{ 'X-Frame-Options': 'DENY' }, 405, 'desktop', 'refuses'],
] as const satisfies readonly (readonly [Wire, number, Embedder, string])[]) {
  test(`${status} with ${JSON.stringify(headers)} in the ${embedder}: ${expected}`, () => {
    assert.equal(said(frameVerdict(new Headers(headers), status, embedder)), expected);
  });
}

function said(verdict: FrameVerdict): string {
  return verdict.kind === 'fails' ? `fails ${verdict.status}` : verdict.kind;
}

/** Checks a page whose server answers so. */
function look(fetch: typeof globalThis.fetch, signal = new AbortController().signal) {
  const clock = new ManualClock();
  return { clock, verdict: lookAtPage(ADDRESS, 'desktop', { fetch, clock }, signal) };
}

const answering =
  (status: number, headers: Wire = {}) =>
  () =>
    Promise.resolve(new Response(null, { status, headers }));
const never: typeof fetch = (_input, init) =>
  new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))));

test('only the head is asked for, without a key, and no redirect is followed', async () => {
  const asked: unknown[] = [];
  const { verdict } = look((input, init) => {
    const { method, redirect, headers } = init ?? {};
    asked.push([input, method, redirect, headers]);
    return answering(200)();
  });
  assert.equal((await verdict).kind, 'shows');
  assert.deepEqual(asked, [[ADDRESS, 'HEAD', 'manual', undefined]]);
});

for (const [location, expected] of [
  ['/ui/', 'shows'],
  ['https://one.tunnel.test/ui', 'shows'],
  ['https://login.test/', 'leadsElsewhere'],
  ['http://one.tunnel.test/', 'leadsElsewhere'],
  ['https://', 'leadsElsewhere'],
] as const) {
  test(`a redirect to ${location}: ${expected}`, async () => {
    assert.equal((await look(answering(302, { location })).verdict).kind, expected);
  });
}

test('a refused connection is distinguished from a missing answer', async () => {
  assert.equal((await look(() => Promise.reject(new TypeError('fetch failed'))).verdict).kind, 'unreachable');
  const { clock, verdict } = look(never);
  await clock.advance(30_000);
  assert.equal((await verdict).kind, 'silent');
  assert.equal(clock.pending, 0);
});

test('a look that is called off ends without a verdict and leaves no alarm', async () => {
  const caller = new AbortController();
  const { clock, verdict } = look(never, caller.signal);
  caller.abort();
  await assert.rejects(verdict, { name: 'AbortError' });
  assert.equal(clock.pending, 0);
});

const NEW: FrameSigns = { hasAnswered: false, verdict: undefined, age: 'new', isUnreached: false, isOfEditor: false };
const SHOWS = { kind: 'shows' } as const;

for (const [what, signs, kind, headline, first] of [
  ['a new frame', {}, 'open', '', undefined],
  ['no answer yet, late', { age: 'late' }, 'blocked', 'The page is not responding', 'Try Again'],
  ['a page that may be framed', { verdict: SHOWS, age: 'late' }, 'open', '', undefined],
  ['a page that never speaks', { verdict: SHOWS, age: 'old' }, 'quiet', '', 'Open in Browser'],
  [
    'a page this window does not reach',
    { verdict: SHOWS, isUnreached: true },
    'blocked',
    "The page can't be reached from this window",
    'Try Again',
  ],
  ['a refusal', { verdict: { kind: 'refuses' } }, 'blocked', "The page can't be shown in a tab", 'Open in Browser'],
  [
    'a redirect',
    { verdict: { kind: 'leadsElsewhere' } },
    'blocked',
    'The page redirects to another address',
    'Open in Browser',
  ],
  ['an error', { verdict: { kind: 'fails', status: 502 } }, 'blocked', 'The page returned an error', 'Try Again'],
  ['no connection', { verdict: { kind: 'unreachable' } }, 'blocked', "The page can't be reached", 'Try Again'],
  [
    "an address of the editor's own",
    { isOfEditor: true },
    'blocked',
    'The page is on the same server as this editor',
    'Open in Browser',
  ],
  ['silence for good', { verdict: { kind: 'silent' } }, 'blocked', 'The page is not responding', 'Try Again'],
] as const satisfies readonly (readonly [string, Partial<FrameSigns>, string, string, string | undefined])[]) {
  test(`${what}: ${headline || kind}`, () => {
    const page = framePage({ ...NEW, ...signs });
    assert.deepEqual([page.kind, page.headline, page.actions[0]?.text], [kind, headline, first]);
    const isOpen = framePage({ ...NEW, ...signs, hasAnswered: true }).kind === 'open';
    assert.equal(isOpen, !('isOfEditor' in signs), 'its own word counts more, but for one thing');
  });
}

for (const [address, remoteName, expected] of [
  ['https://code.example/proxy/8188/', 'code.example', true],
  ['https://CODE.example.:443/proxy/8188/', 'code.example', true],
  ['http://localhost:8080/proxy/8188/', 'localhost:8080', true],
  ['http://127.0.0.1:8080/proxy/8188/', 'localhost:8080', true],
  ['http://[::1]:8080/', 'LOCALHOST:8080', true],
  ['https://code.example:8443/', 'code.example:8443', true],
  ['https://code.example:8443/', 'code.example', false],
  ['https://code.example.evil.test/', 'code.example', false],
  ['http://localhost:8188/', 'localhost:8080', false],
  ['https://one.tunnel.test/', 'ssh-remote', false],
  ['https://one.tunnel.test/', 'ssh-remote+one.tunnel.test', false],
  ['https://one.tunnel.test/', undefined, false],
  ['', 'code.example', false],
] as const) {
  test(`${address || 'no address'} is ${expected ? '' : 'not '}of an editor at ${remoteName ?? 'no server'}`, () => {
    assert.equal(isOfEditor(address, remoteName), expected);
  });
}

test('an error is shown with its number, and what it means for the cost', () => {
  const { detail } = framePage({ ...NEW, verdict: { kind: 'fails', status: 502 } });
  assert.match(detail, /error 502/);
  assert.match(detail, /still running and being billed/);
});
