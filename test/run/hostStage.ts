import path from 'node:path';
import { ensureChromium } from '../vscode/chromium';
import { ensureCodeServer, Preset } from '../vscode/codeServerInstall';
import { canDownloadVSCode, openDisplay, type Display } from '../vscode/desktop';
import { run } from '../vscode/processes';
import { inProject, PROJECT_ROOT } from '../vscode/project';
import { inTemporaryFolder } from '../vscode/temporary';
import { buildBundles } from './build';
import { editionsNamed, type Edition } from './desktopChoice';
import { readResults, total, type Results } from './results';
import type { Stage } from './stage';

const SUITE_TIMEOUT_MS = 6 * 60_000;

/** The suite inside a real extension host, in the oldest VS Code we support and in a current one, or in TEST_EDITORS. */
export const hostStage: Stage = {
  name: 'host',
  async run(progress) {
    const editions = editionsNamed(process.env['TEST_EDITORS']);
    await buildBundles('extension', 'host', 'hostSuites');
    const display = (await canDownloadVSCode()) ? await openDisplay() : undefined;
    try {
      if (!display) await ensureChromium(progress);
      const results: Results[] = [];
      for (const edition of editions) {
        // The desktop program is the only one that has insiders.
        if (!display) await ensureCodeServer(Preset.parse(edition), progress);
        results.push(await runSuite(edition, display));
      }
      return {
        results: total(results),
        note: `on the ${editions.join(' and ')} ${display ? 'desktop VS Code' : 'code-server'}`,
      };
    } finally {
      display?.close();
    }
  },
};

async function runSuite(edition: Edition, display: Display | undefined): Promise<Results> {
  const suite = [inProject('dist', 'run', 'hostSuite.js'), display ? 'desktop' : 'code-server'];
  return inTemporaryFolder(async (folder) => {
    const file = path.join(folder, 'results.json');
    const { code, output } = await run(process.execPath, suite, {
      cwd: PROJECT_ROOT,
      env: { ...process.env, ...display?.env, TEST_VSCODE: edition, TEST_RESULTS: file },
      timeoutMs: SUITE_TIMEOUT_MS,
    });
    return namedAfter(edition, readResults(file, 'The suite', code, output));
  });
}

const namedAfter = (edition: Edition, results: Results): Results => ({
  ...results,
  failures: results.failures.map(({ name, detail }) => ({ name: `${name} (${edition} VS Code)`, detail })),
});
