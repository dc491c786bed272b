import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import {
  endingPage,
  foreignPage,
  lookingPage,
  notFoundYet,
  openPage,
  overPage,
  refusedPage,
  sessionPage,
  signedOutPage,
  unexpectedPage,
  waitingPage,
  type PageState,
} from '../../src/page/sessionPage';
import { framePage, type FrameSigns } from '../../src/page/framePage';
import { NOON } from '../fakes/receipts';
import { launchBrowser } from '../vscode/browser';
import { inProject } from '../vscode/project';
import { assertAccessible } from './accessibility';

const ORIGIN = 'http://tab.test';
const SIGNS: FrameSigns = { hasAnswered: false, verdict: undefined, age: 'new', isUnreached: false, isOfEditor: false };
const line = { message: 'Device: cuda:0', level: 'info', at: NOON } as const;

const PAGES: Readonly<Record<string, PageState>> = {
  starting: waitingPage({ gpu: 'A10G', createdAt: NOON }, 'sd-box', NOON + 10_000, [line]),
  ending: endingPage({ gpu: 'A10G' }, 'sd-box'),
  looking: lookingPage(),
  'not found yet': notFoundYet('The server could not be reached.'),
  open: openPage(),
  over: overPage('asked', { last: { work: undefined, saved: undefined, wasReady: true } }),
  'not started': overPage('failedToStart', { reason: 'CUDA is gone', log: [line] }),
  refused: refusedPage(),
  unexpected: unexpectedPage(),
  silent: framePage({ ...SIGNS, age: 'late' }),
  quiet: framePage({ ...SIGNS, age: 'old', verdict: { kind: 'shows' } }),
  'of the editor': framePage({ ...SIGNS, isOfEditor: true }),
  'of another account': foreignPage(true),
  'of another account, unseen': foreignPage(false),
  'signed out': signedOutPage(true),
  'signed out, unseen': signedOutPage(false),
};

test('no page of a tab keeps anybody out', async () => {
  const browser = await launchBrowser();
  try {
    const page = await browser.context.newPage();
    await page.addInitScript('globalThis.acquireVsCodeApi = () => ({ postMessage() {}, setState() {} })');
    let html = '';
    const file = (name: string) => fs.readFileSync(inProject(name), 'utf8');
    const [style, script] = [file('src/page/webview/sessionPage.css'), file('dist/test/webview.js')];
    // As the build does.
    const whole = () =>
      html.replace('</style>', () => `${style}</style>`).replace('</script>', () => `${script}</script>`);
    await page.route(`${ORIGIN}/**`, (route) => route.fulfill({ contentType: 'text/html', body: whole() }));
    for (const [name, state] of Object.entries(PAGES)) {
      const isFramed = state.kind === 'open' || state.kind === 'quiet' || state.kind === 'blocked';
      html = sessionPage({
        title: 'sd-box · A10G',
        state,
        nonce: 'a-nonce',
        sessionId: 'one',
        scope: undefined,
        url: isFramed ? 'http://127.0.0.1:9/' : undefined,
      });
      await page.goto(`${ORIGIN}/`);
      const notice = page.locator('#notice');
      await notice.waitFor({ state: state.kind === 'open' ? 'hidden' : 'visible' });
      if (state.facts.length > 0) assert.equal(await page.locator('dt').count(), state.facts.length);
      await assertAccessible(page.locator('body'), name);
    }
  } finally {
    await browser.close();
  }
});
