import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core';
import { ensureChromium } from './chromium';
import { patient } from './slowness';

export interface BrowserOptions {
  /** Keeps what pages store, including VS Code's secrets, from one launch to the next. */
  readonly profileDir?: string | undefined;
  readonly progress?: (line: string) => void;
}

export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** The default limit of a wait in a window. */
const PATIENCE_MS = 30_000;

const VIEW: BrowserContextOptions = { viewport: { width: 1400, height: 900 } };

/** The workbench needs only loopback; every other name fails to resolve. */
const FLAGS = [
  '--no-sandbox', // a container's root has no user namespace to hide in, and only our own pages are opened
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

/** A headless Chromium, the size of our pictures. */
export async function launchBrowser({ profileDir, progress = () => undefined }: BrowserOptions = {}): Promise<Browser> {
  const executablePath = await ensureChromium(progress);
  const launch = { executablePath, headless: true, args: FLAGS, timeout: patient(PATIENCE_MS) };
  if (profileDir) {
    const context = await chromium.launchPersistentContext(profileDir, { ...launch, ...VIEW });
    return { context: patiently(context), close: () => context.close() };
  }
  const browser = await chromium.launch(launch);
  return { context: patiently(await browser.newContext(VIEW)), close: () => browser.close() };
}

function patiently(context: BrowserContext): BrowserContext {
  context.setDefaultTimeout(patient(PATIENCE_MS));
  return context;
}
