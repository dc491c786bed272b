import type { Page } from 'playwright-core';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { launchBrowser } from '../vscode/browser';
import { CodeServer } from '../vscode/codeServer';
import { furnish, keyOf } from './account';
import { milliseconds, type Bench, type Figure, type Measurement } from './figure';
import { median, spread } from './statistics';

const SAMPLES = 5;
const LATENCY_MS = 50;
const START_TIMEOUT_MS = 60_000;

const ICON = '.activitybar [aria-label^="ComfyDeploy"]';
const STATUS = '.part.statusbar [id*="comfydeploy.status"]';
const ROW = '.part.sidebar .monaco-list-row[aria-label^="Machine "]';

export const firstRows: Measurement = {
  name: 'firstRows',
  title: 'First rows',
  method:
    'A real VS Code in a browser, signed in to a simulator that answers after 50 ms, with 10 machines and 5 sessions: ' +
    'from the click on the icon to the first row on screen, in a fresh window each time. "At once" is a click as soon ' +
    'as the icon is there, while the extension host still starts; "later" is once the status bar shows a session.',
  async measure(bench) {
    await using simulator = await startSimulator({ comfyUi: false });
    await furnish(simulator, { machines: 10, sessions: 5, minutesLeft: 60 });
    simulator.control.fault({ path: '/api/*', effect: { kind: 'latency', ms: LATENCY_MS } });
    const server = await startServer(bench, simulator);
    try {
      return [
        await timed('Clicked at once', bench, () => timeFirstRow(server)),
        await timed('Clicked later', bench, () => timeFirstRow(server, STATUS)),
      ];
    } finally {
      await server.stop();
    }
  },
};

async function startServer({ vsix, progress }: Bench, simulator: Simulator): Promise<CodeServer> {
  const server = await CodeServer.start({
    preset: 'newest',
    env: { COMFYDEPLOY_API_KEY: keyOf(simulator), COMFYDEPLOY_API_URL: simulator.apiUrl },
    settings: { 'comfydeploy.apiUrl': simulator.apiUrl },
    progress,
  });
  await server.install(await vsix());
  return server;
}

async function timed(name: string, { progress }: Bench, time: () => Promise<number>): Promise<Figure> {
  const times: number[] = [];
  for (let sample = 1; sample <= SAMPLES; sample++) {
    progress(`${name}: ${sample} of ${SAMPLES}`);
    times.push(await time());
  }
  return { name, value: milliseconds(median(times)), note: spread(times) };
}

/** @param sign what must be on screen before the click, besides the icon. */
async function timeFirstRow(server: CodeServer, sign?: string): Promise<number> {
  const browser = await launchBrowser();
  try {
    const page = await browser.context.newPage();
    page.setDefaultTimeout(START_TIMEOUT_MS);
    await page.goto(server.address());
    const icon = page.locator(ICON).first();
    await icon.waitFor();
    if (sign) await page.locator(sign).first().waitFor();
    const time = fromClickTo(page, ROW);
    await icon.click();
    return await time;
  } finally {
    await browser.close();
  }
}

/** Looks frame by frame inside the page, so that the test's own communication with the page is not measured. */
function fromClickTo(page: Page, selector: string): Promise<number> {
  return page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const look = (clickedAt: number) => {
          if (document.querySelector(wanted)) return resolve(performance.now() - clickedAt);
          requestAnimationFrame(() => look(clickedAt));
        };
        addEventListener('mousedown', ({ timeStamp }) => look(timeStamp), { capture: true, once: true });
      }),
    selector,
  );
}
