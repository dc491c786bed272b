import fs from 'node:fs';
import path from 'node:path';
import { run } from '../vscode/processes';
import { inProject, PROJECT_ROOT } from '../vscode/project';
import { inTemporaryFolder } from '../vscode/temporary';
import { packageExtension } from '../vscode/vsix';
import { buildBundles } from './build';
import { inParallel } from './inParallel';
import { readResults, total, type Failure, type Results } from './results';
import type { Stage } from './stage';

/** From the last place on Earth where a day begins to the first, and the offsets that are no whole hours. */
const TIME_ZONES = [
  'Pacific/Pago_Pago',
  'America/Los_Angeles',
  'America/St_Johns',
  'UTC',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
];

const MINUTE_MS = 60_000;

export const unitStage: Stage = {
  name: 'unit',
  async run() {
    await buildBundles('unit');
    const results = await inParallel(TIME_ZONES, (zone) => runBundle('unit', { TZ: zone }, MINUTE_MS));
    return { results: toldOnce(results), note: `in ${TIME_ZONES.length} time zones` };
  },
};

export const uiStage: Stage = {
  name: 'ui',
  async run() {
    await buildBundles('ui');
    return { results: await runBundle('ui', {}, MINUTE_MS) };
  },
};

export const contractStage: Stage = {
  name: 'contract',
  async run() {
    await buildBundles('contract', 'simulator');
    return { results: await runBundle('contract', {}, 5 * MINUTE_MS) };
  },
};

export const e2eStage: Stage = {
  name: 'e2e',
  async run() {
    await buildBundles('e2e', 'simulator');
    return inTemporaryFolder(async (folder) => {
      const vsix = path.join(folder, 'extension.vsix');
      await packageExtension(vsix);
      return { results: await runBundle('e2e', { TEST_VSIX: vsix }, 20 * MINUTE_MS) };
    });
  },
};

/** Counts every zone's failure, and tells of the same one in several zones once. */
function toldOnce(perZone: readonly Results[]): Results {
  const zones = new Map<string, { readonly failure: Failure; readonly names: string[] }>();
  for (const [index, { failures }] of perZone.entries()) {
    for (const failure of failures) {
      const key = JSON.stringify(failure);
      const known = zones.get(key) ?? { failure, names: [] };
      known.names.push(TIME_ZONES[index] ?? '');
      zones.set(key, known);
    }
  }
  const failures = [...zones.values()].map(({ failure: { name, detail }, names }) => ({
    name: names.length === TIME_ZONES.length ? name : `${name} (in ${names.join(', ')})`,
    detail,
  }));
  return { ...total(perZone), failures };
}

/** Runs a bundle of node:test tests and reads what its reporter wrote. */
async function runBundle(name: string, env: NodeJS.ProcessEnv, timeoutMs: number): Promise<Results> {
  const bundle = inProject('dist', 'test', `${name}.js`);
  if (!fs.existsSync(bundle)) throw new Error(`There are no ${name} tests to run.`);
  const reporter = `--test-reporter=${inProject('test', 'run', 'reporter.mjs')}`;
  return inTemporaryFolder(async (folder) => {
    const file = path.join(folder, 'results.json');
    const { code, output } = await run(process.execPath, ['--enable-source-maps', reporter, bundle], {
      cwd: PROJECT_ROOT,
      env: { ...withoutOwnKey(), ...env, TEST_RESULTS: file },
      timeoutMs,
    });
    return readResults(file, env['TZ'] ? `${name} in ${env['TZ']}` : name, code, output);
  });
}

/** A developer's own key must not reach a test. */
function withoutOwnKey(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COMFYDEPLOY_')));
}
