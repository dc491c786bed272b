import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core';
import { ensureChromium } from './chromium';

export interface BrowserOptions {
  /** Keeps what pages store, VS Code's secrets among it, from one launch to the next. */
  readonly profileDir?: string | undefined;
  readonly progress?: (line: string) => void;
}

export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

const VIEW: BrowserContextOptions = { viewport: { width: 1400, height: 900 } };

/** Loopback is all the workbench needs; every other name fails to resolve. */
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
  const launch = { executablePath: await ensureChromium(progress), headless: true, args: FLAGS };
  if (profileDir) {
    const context = await chromium.launchPersistentContext(profileDir, { ...launch, ...VIEW });
    return { context, close: () => context.close() };
  }
  const browser = await chromium.launch(launch);
  return { context: await browser.newContext(VIEW), close: () => browser.close() };
}
