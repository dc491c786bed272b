import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from '../vscode/processes';
import { inProject, PROJECT_ROOT } from '../vscode/project';
import { inTemporaryFolder } from '../vscode/temporary';
import { packageExtension } from '../vscode/vsix';
import { buildBundles } from './build';
import { inParallel } from './inParallel';
import { NOTHING, readResults, total, type Failure, type Results } from './results';
import type { Stage } from './stage';

/** All tests run here: the offset from UTC is no whole hour, and summer time moves by half an hour. */
const MAIN_ZONE = 'Australia/Lord_Howe';

/** Tests of times also run here: where a day begins first and last, and where offsets are odd or change. */
const OTHER_ZONES = ['Pacific/Pago_Pago', 'America/St_Johns', 'Pacific/Kiritimati'];

/** A test without output for this long on a quiet machine hangs. There is no limit for all of them together. */
const MINUTE_MS = 60_000;

const MANY_LIVES = 10_000;

export const unitStage: Stage = {
  name: 'unit',
  async run() {
    await buildBundles('unit1', 'unit2', 'webview');
    const run = (bundle: string) => runBundle(bundle, { TZ: MAIN_ZONE }, MINUTE_MS);
    return { results: total(await inParallel(['unit1', 'unit2'], run)) };
  },
};

/** Property tests at length, and tests about time in several zones. */
export const propertiesStage: Stage = {
  name: 'properties',
  async run() {
    await buildBundles('properties1', 'properties2', 'unitTime');
    const halves = ['properties1', 'properties2'].map((bundle) => [bundle, MAIN_ZONE] as const);
    const runs = [...halves, ...OTHER_ZONES.map((zone) => ['unitTime', zone] as const)];
    const results = await inParallel(runs, ([bundle, zone]) => runBundle(bundle, { TZ: zone }, MINUTE_MS));
    const failures = oncePerFailure(results.map((result, index) => [runs[index]?.[1] ?? '', result.failures]));
    return { results: { ...total(results), failures }, note: `in ${OTHER_ZONES.length + 1} time zones` };
  },
};

/**
 * How the time for foreign text grows with its length, and how long it blocks everything else: both measure processor
 * time, so nothing else runs beside them.
 */
export const limitsStage: Stage = {
  name: 'limits',
  async run() {
    await buildBundles('doubling', 'turns', 'webview');
    const run = (bundle: string) => runBundle(bundle, {}, 5 * MINUTE_MS);
    return { results: total(await inParallel(['doubling', 'turns'], run)) };
  },
};

/** Bundles that are packed into one file and loaded later; their texts are checked. */
const LATER = ['house', 'conversion', 'carried', 'places'];

export const uiStage: Stage = {
  name: 'ui',
  async run() {
    await buildBundles('ui1', 'ui2', 'webview', ...LATER);
    const run = (bundle: string) => runBundle(bundle, {}, 5 * MINUTE_MS);
    return { results: total(await inParallel(['ui1', 'ui2'], run)) };
  },
};

export const contractStage: Stage = {
  name: 'contract',
  async run() {
    await buildBundles('contract', 'phantoms', 'simulator', 'window');
    const contract = async () => ({ results: await runBundle('contract', {}, 5 * MINUTE_MS), note: '' });
    const lives = () => runLives(undefined, 5 * MINUTE_MS);
    const runs = await inParallel([contract, lives], (run) => run());
    return { results: total(runs.map(({ results }) => results)), note: runs.map(({ note }) => note).join('') };
  },
};

/** Not part of `npm test`: many more random lives than it has time for. */
export const livesStage: Stage = {
  name: 'lives',
  async run() {
    await buildBundles('phantoms');
    const shares = Array.from({ length: os.availableParallelism() }, () => MANY_LIVES / os.availableParallelism());
    const runs = await inParallel(shares, (lives) => runLives(Math.ceil(lives), 360 * MINUTE_MS));
    return { results: total(runs.map(({ results }) => results)), note: runs.map(({ note }) => note).join('; ') };
  },
};

/** @param lives as many as the test chooses if undefined. The note has the number of lives and the seed. */
async function runLives(lives: number | undefined, silenceMs: number): Promise<{ results: Results; note: string }> {
  return inTemporaryFolder(async (folder) => {
    const report = path.join(folder, 'lives.txt');
    const env = {
      LIVES_REPORT: report,
      ...(lives === undefined ? {} : { LIVES: String(lives), LIVES_SEED: String(randomInt(2 ** 31)) }),
    };
    const results = await runBundle('phantoms', env, silenceMs);
    return { results, note: fs.existsSync(report) ? fs.readFileSync(report, 'utf8').trim() : 'no life was reported' };
  });
}

export const e2eStage: Stage = {
  name: 'e2e',
  async run() {
    if (process.platform !== 'linux') return { results: NOTHING, note: 'left out: its code-server needs Linux' };
    await buildBundles('e2e1', 'e2e2', 'simulator');
    return inTemporaryFolder(async (folder) => {
      const vsix = path.join(folder, 'extension.vsix');
      await packageExtension(vsix);
      const run = (bundle: string) => runBundle(bundle, { TEST_VSIX: vsix }, 20 * MINUTE_MS);
      return { results: total(await inParallel(['e2e1', 'e2e2'], run)) };
    });
  },
};

/** Reports a failure that occurs in several time zones once, with their names. */
function oncePerFailure(perZone: readonly (readonly [zone: string, readonly Failure[]])[]): readonly Failure[] {
  const alike = new Map<string, { readonly failure: Failure; readonly zones: string[] }>();
  for (const [zone, failures] of perZone) {
    for (const failure of failures) {
      const key = JSON.stringify(failure);
      alike.set(key, { failure, zones: [...(alike.get(key)?.zones ?? []), zone] });
    }
  }
  return [...alike.values()].map(({ failure: { name, detail }, zones }) => ({
    name: `${name} (in ${zones.join(', ')})`,
    detail,
  }));
}

/** Runs a bundle of node:test tests, and reads what its reporter wrote. */
async function runBundle(name: string, env: NodeJS.ProcessEnv, silenceMs: number): Promise<Results> {
  const bundle = inProject('dist', 'test', `${name}.js`);
  if (!fs.existsSync(bundle)) throw new Error(`There are no ${name} tests to run.`);
  const withoutHooks = ['--import', pathToFileURL(inProject('test', 'run', 'withoutHooks.mjs')).href];
  const reporter = `--test-reporter=${inProject('test', 'run', 'reporter.mjs')}`;
  return inTemporaryFolder(async (folder) => {
    const file = path.join(folder, 'results.json');
    const options = ['--enable-source-maps', '--expose-gc', '--trace-warnings', reporter];
    const { code, output } = await run(process.execPath, [...withoutHooks, ...options, bundle], {
      cwd: PROJECT_ROOT,
      env: { ...withoutOwnKey(), ...env, TEST_RESULTS: file },
      silenceMs,
    });
    return readResults(file, name, code, output);
  });
}

/** A developer's own key must not reach a test. */
function withoutOwnKey(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COMFYDEPLOY_')));
}
