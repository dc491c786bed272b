import * as vscode from 'vscode';
import { registerAgents } from './agents/ui/registering';
import type { House, Surroundings } from './house';
import { LateOutputs } from './outputs/ui/lateOutputs';
import { registerGallery } from './gallery/ui/lateGallery';
import { registerKeptTabs } from './page/ui/keptTabs';
import { registerPictures } from './picture/ui/latePictures';
import { systemClock } from './platform/clock';
import { CodeCache } from './platform/node/codeCache';
import { environmentKey } from './platform/node/environment';
import { Packed } from './platform/node/packed';
import { translationsIn } from './platform/node/translations';
import { once } from './platform/once';
import { registerCommands } from './platform/ui/commands';
import { LateTexts } from './platform/ui/lateTexts';
import { registerDimming } from './sidebar/ui/dimming';
import { lookForKey } from './sidebar/ui/firstLook';
import { registerLinks, registerTasks } from './sidebar/ui/handedIn';
import { LateAccounts } from './sidebar/ui/lateAccounts';
import { LateTree } from './sidebar/ui/lateTree';
import { LateLibrary } from './library/ui/lateLibrary';

// Everything that a window reads when it opens, which happens to everybody every day. The rest is in the house, a bundle
// of its own, which is read once somebody is signed in or runs a command. Each bundle has its own copy of what both
// import, so no state of a module, and no class that is tested with `instanceof`, may pass between them.

interface AtFirst extends Surroundings {
  /** Runs the house from code that is compiled already; without it the house is compiled. */
  readonly code?: CodeCache;
  /** Once this is done there are texts. */
  readonly readTexts?: () => Promise<void>;
}

function surroundings({ globalStorageUri: { fsPath: folder } }: vscode.ExtensionContext): AtFirst {
  const packed = new Packed(__dirname, folder, systemClock);
  let texts: Readonly<Record<string, string>> | undefined;
  // Read once for this bundle and the house: a window has one language.
  const readTexts = once(async () => {
    texts = await translationsIn(packed, vscode.env.language);
  });
  const read = async () => {
    await readTexts(); // first, so that one unpacking does
    return packed.code();
  };
  // Must exist: VS Code looks at it when the code requires its API.
  const code = new CodeCache({
    file: __filename,
    name: 'house',
    read,
    folder,
    clock: systemClock,
    version: vscode.version,
  });
  return { clock: systemClock, textsOf: () => texts, readTexts, code };
}

/** Registers everything that VS Code may call. VS Code passes only the context. */
export function activate(context: vscode.ExtensionContext, around = surroundings(context)): void {
  const life = new AbortController();
  const house = once(async (): Promise<House> => {
    const { openHouse } = await loadHouse(around.code);
    if (life.signal.aborted) throw new Error('closed');
    looking.dispose(); // from now on the house follows who is signed in
    return openHouse(context, around, { tree, library, texts, outputs, accounts });
  });
  const tree = new LateTree();
  const library = new LateLibrary();
  const texts = new LateTexts(async () => (await house()).texts);
  const outputs = new LateOutputs(async () => (await house()).outputFiles);
  const accounts = new LateAccounts(house);
  const { secrets, globalState } = context;
  const { clock, textsOf, readTexts } = around;
  const { offer } = accounts;
  const environment = environmentKey();
  const looking = lookForKey({ secrets, globalState, environment, clock, textsOf, readTexts, tree, house, offer });
  context.subscriptions.push(
    { dispose: () => life.abort() },
    ...[tree, library, texts, outputs, accounts, looking, ...(around.code ? [around.code] : [])],
    registerKeptTabs(async () => (await house()).tabs),
    registerGallery(async () => (await house()).gallery),
    registerPictures(async () => (await house()).pictures),
    registerCommands(async (name, target) => (await house()).carryOut(name, target)),
    registerDimming(),
    registerLinks(async (uri) => (await house()).follow(uri)),
    registerTasks(async () => (await house()).runTask),
    ...registerAgents(vscode.lm, async () => (await house()).agents),
  );
}

async function loadHouse(code: CodeCache | undefined): Promise<Pick<typeof import('./house'), 'openHouse'>> {
  if (!code) return import('./house');
  const loaded = await code.run();
  if (!isHouse(loaded)) throw new Error('no house');
  return loaded;
}

function isHouse(loaded: unknown): loaded is Pick<typeof import('./house'), 'openHouse'> {
  return typeof loaded === 'object' && loaded !== null && 'openHouse' in loaded;
}
