import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { onPath, run } from './processes';
import { inProject } from './project';
import { reachable } from './waiting';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
];

const USUAL_PLACES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
    (app) => `/Applications/${app}.app/Contents/MacOS/${app}`,
  ),
  linux: ['/usr/bin/chromium', '/opt/google/chrome/chrome', '/snap/bin/chromium'],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((variable) =>
    ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map((file) =>
      path.join(process.env[variable] ?? 'C:\\', file),
    ),
  ),
};

const PROBE_TIMEOUT_MS = 15_000;
const INSTALL_TIMEOUT_MS = 600_000;

/** A browser that starts on this machine: one already here, or else one installed now. */
export async function ensureChromium(progress: (line: string) => void): Promise<string> {
  const named = process.env['CHROMIUM_PATH'];
  if (named) {
    if (await starts(named)) return named;
    throw new Error('CHROMIUM_PATH does not name a browser that starts.');
  }
  const found = await findChromium();
  if (found) return found;

  for (const install of [installWithPlaywright, installWithApt]) {
    if (await install(progress)) {
      const installed = await findChromium();
      if (installed) return installed;
    }
  }
  throw new Error(
    'No Chromium was found or could be installed: install Chromium, Chrome or Edge with its system libraries ' +
      '(Debian, Ubuntu: `apt-get install chromium`), or set CHROMIUM_PATH to one.',
  );
}

async function findChromium(): Promise<string | undefined> {
  const candidates = [
    ...NAMES.map(onPath),
    ...(USUAL_PLACES[process.platform] ?? []),
    chromium.executablePath(), // where playwright keeps the browser it downloads
  ];
  for (const candidate of new Set(candidates)) {
    if (candidate && (await starts(candidate))) return candidate;
  }
  return undefined;
}

/** Asking for its version also shows a missing system library. On Windows the question would open a window. */
async function starts(executable: string): Promise<boolean> {
  if (!fs.existsSync(executable)) return false;
  if (process.platform === 'win32') return true;
  const { code } = await run(executable, ['--version'], { timeoutMs: PROBE_TIMEOUT_MS });
  return code === 0;
}

async function installWithPlaywright(progress: (line: string) => void): Promise<boolean> {
  if (!(await reachable('https://cdn.playwright.dev'))) return false;
  progress('Installing Chromium with playwright (once)');
  const cli = inProject('node_modules', 'playwright-core', 'cli.js');
  const libraries = onPath('apt-get') && isRoot() ? ['--with-deps'] : [];
  const install = [cli, 'install', ...libraries, 'chromium'];
  const { code } = await run(process.execPath, install, { timeoutMs: INSTALL_TIMEOUT_MS });
  return code === 0;
}

async function installWithApt(progress: (line: string) => void): Promise<boolean> {
  const apt = onPath('apt-get');
  if (!apt || !isRoot()) return false;
  progress('Installing Chromium with apt-get (once)');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run(apt, ['update'], { env, timeoutMs: INSTALL_TIMEOUT_MS });
  const install = ['install', '-y', '--no-install-recommends', 'chromium'];
  const { code } = await run(apt, install, { env, timeoutMs: INSTALL_TIMEOUT_MS });
  return code === 0;
}

const isRoot = (): boolean => process.getuid?.() === 0;
