import util from 'node:util';
import type { Page } from 'playwright-core';
import { launchBrowser } from './browser';
import type { CodeServer, WindowAddress } from './codeServer';
import { patient } from './slowness';
import { eventually } from './waiting';

const TIMEOUT_MS = 300_000;
const LAST_WORDS_MS = 3_000;

/** Console lines of the workbench, as opposed to those of the suite. */
const WORKBENCH_TALK =
  /additional builtin extensions|\[lifecycle\]|connection token|Creating a socket|reconnection-grace-time|\[AgentHost|\[AccountPolicyGate|\[Service Worker\]|^\s*$/;

/** Runs a test module (CommonJS, exporting `run`) inside VS Code's extension host; gives its exit code. */
export async function runExtensionTests(server: CodeServer, address: WindowAddress): Promise<number> {
  const browser = await launchBrowser();
  try {
    const page = await browser.context.newPage();
    const finished = exitCode(page);
    await page.exposeFunction('codeAutomationLog', print);
    await page.goto(server.address(address));
    const code = await finished;
    // The extension host still has to write its logs and coverage.
    await eventually(() => server.log().includes('Extension Host Process exited'), LAST_WORDS_MS);
    return code;
  } finally {
    await browser.close();
  }
}

/** The workbench calls this function of the page when the suite has ended. */
async function exitCode(page: Page): Promise<number> {
  const timeout = patient(TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The suite did not end within ${Math.round(timeout / 1_000)} s.`)),
      timeout,
    );
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    page.on('crash', () => settle(() => reject(new Error('The browser page crashed.'))));
    page
      .exposeFunction('codeAutomationExit', (code: number) => settle(() => resolve(code)))
      .catch((error: unknown) => settle(() => reject(error instanceof Error ? error : new Error(String(error)))));
  });
}

function print(_level: string, args: readonly unknown[]): void {
  const text = util.format(...args);
  if (!WORKBENCH_TALK.test(text)) process.stdout.write(`${text}\n`);
}
