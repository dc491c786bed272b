import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { TokenVault } from '../../accounts/ui/tokenVault';
import type { Prices } from '../../comfydeploy/model';
import type { ComfyDeployClient } from '../../comfydeploy/client';
import type { Web } from '../../comfyui/client';
import { Prompts } from '../../comfyui/prompts';
import { OUR_CLIENT } from '../../comfyui/endedRuns';
import type { OutputsFolder } from '../../outputs/ui/outputsFolder';
import { lookAtPage } from '../../page/frameProbe';
import { framePage } from '../../page/framePage';
import { atMost } from '../../platform/clock';
import { DEFAULT_API_URL } from '../../platform/baseUrl';
import { ApiError, toApiError } from '../../platform/errors';
import type { Disk } from '../../platform/folder';
import { fieldOf } from '../../platform/plainJson';
import type { Sockets } from '../../platform/sockets';
import type { CommandHandlers } from '../../platform/ui/commands';
import { TEXT_SCHEME } from '../../platform/ui/lateTexts';
import { note } from '../../platform/ui/shown';
import { codeLens } from '../../platform/ui/shownInFiles';
import type { Texts } from '../../platform/ui/texts';
import { SECOND } from '../../platform/units';
import { isStale, ownReady, problemOf, type Snapshot } from '../../sessions/snapshot';
import type { Store } from '../../sessions/store';
import type { LeaderLease } from '../../windows/leaderLease';
import {
  clockFound,
  disksFound,
  networkFound,
  noSession,
  reportText,
  serverFound,
  settingsFix,
  signedOut,
  unasked,
  WELL,
  wrong,
  type Finding,
  type Found,
  type Part,
} from '../doctor';
import { doctorPage } from '../doctorPage';

export interface DoctorContext {
  readonly api: Pick<ComfyDeployClient, 'listPrices'>;
  readonly vault: Pick<TokenVault, 'get'>;
  readonly store: Pick<Store, 'snapshot' | 'refresh'>;
  readonly appState: () => { readonly snapshot: Snapshot; readonly now: number; readonly localNow: number };
  readonly leadership: Pick<LeaderLease, 'isWorking' | 'isAlone'>;
  readonly web: Web;
  readonly sockets: Sockets;
  readonly disk: Disk;
  readonly outputsFolder: Pick<OutputsFolder, 'known'>;
  /** Where the extension keeps its files, and those that editors share. */
  readonly storage: readonly string[];
  readonly extension: Pick<vscode.Extension<unknown>, 'packageJSON'>;
}

export interface DoctorSurfaces {
  readonly texts: Texts;
  readonly subscriptions: vscode.ExtensionContext['subscriptions'];
}

type DoctorHandlers = Pick<CommandHandlers, 'doctor' | 'copyReport' | 'reportIssue'>;

/** For each part, ms. */
const PATIENCE = 10 * SECOND;
/** For ComfyDeploy, which other parts wait for, ms. */
const ASKING = 7 * SECOND;
const NOTE_FOR = 5_000;
// eslint-disable-next-line texts/marked -- a name
const PAGE = 'ComfyDeploy Doctor';

/** Examines everything that the extension needs: reads only, and never what costs money. */
export function doctorCommands(context: DoctorContext, { texts, subscriptions }: DoctorSurfaces): DoctorHandlers {
  let shown: readonly Finding[] | undefined;
  const report = async () => reportText(await examine(context), aboutOf(context));
  return {
    async doctor() {
      shown ??= watch(() => shown ?? [], { subscriptions });
      shown = await examine(context);
      await texts.show(PAGE, `${doctorPage(shown).flat().join('\n')}\n`);
    },
    async copyReport() {
      await vscode.env.clipboard.writeText(await report());
      note(l10n.t('Report copied'), NOTE_FOR);
    },
    async reportIssue() {
      // VS Code's own form loses the text in a browser, and adds what else is installed.
      const place = String(fieldOf(fieldOf(context.extension.packageJSON, 'bugs'), 'url'));
      const query = encodeURIComponent(`template=bug.yml&log=${await report()}`);
      await vscode.env.openExternal(vscode.Uri.parse(`${place}/new?${query}`));
    },
  };
}

/** What helps, above the line that it helps with. */
function watch(
  findings: () => readonly Finding[],
  { subscriptions }: Pick<DoctorSurfaces, 'subscriptions'>,
): readonly Finding[] {
  const provider: vscode.CodeLensProvider = {
    provideCodeLenses({ uri: { path } }) {
      if (path !== PAGE) return [];
      const at = (line: number) => new vscode.Range(line, 0, line, 0);
      return [
        codeLens(at(0), l10n.t('Copy Report'), 'comfydeploy.copyReport'),
        codeLens(at(0), l10n.t('Report Issue…'), 'comfydeploy.reportIssue'),
        ...findings().flatMap(({ fix }, index, all) => {
          if (!fix) return [];
          const line = doctorPage(all.slice(0, index)).flat().length;
          return [codeLens(at(line), fix.title, fix.command, ...(fix.arg === undefined ? [] : [fix.arg]))];
        }),
      ];
    },
  };
  subscriptions.push(vscode.languages.registerCodeLensProvider({ scheme: TEXT_SCHEME }, provider));
  return [];
}

function aboutOf({ extension }: DoctorContext): Parameters<typeof reportText>[1] {
  return {
    version: String(fieldOf(extension.packageJSON, 'version')),
    editor: vscode.version,
    isWeb: vscode.env.uiKind === vscode.UIKind.Web,
    isRemote: vscode.env.remoteName !== undefined,
    hasProxy: configured('http', 'proxy') !== '',
  };
}

function configured(section: string, name: string): string {
  return vscode.workspace.getConfiguration(section).get<string>(name) ?? '';
}

/** All parts at once, each for a limited time. */
async function examine(context: DoctorContext): Promise<readonly Finding[]> {
  const { clock } = context.web;
  const prices = within(context, ASKING, context.api.listPrices());
  const asked = atMost(clock, ASKING, context.store.refresh());
  const server = configured('comfydeploy', 'apiUrl');
  const parts: readonly (readonly [Part, () => Promise<Found>])[] = [
    ['key', () => asked.then(() => keyFound(context))],
    ['keyStore', () => keyStoreFound(context)],
    ['server', () => prices.then(() => WELL).catch((error: unknown) => serverFound(error, server !== DEFAULT_API_URL))],
    ['network', () => prices.then(() => WELL).catch(networkFound)],
    ['clock', () => prices.then(() => clockFound(context.appState()), unasked)],
    ['prices', () => prices.then(pricesFound, unasked)],
    ['socket', () => asked.then(() => socketFound(context))],
    ['frame', () => asked.then(() => frameFound(context))],
    ['windows', () => Promise.resolve(windowsFound(context))],
    ['storage', () => disksFound(context.disk, context.storage)],
    ['outputs', () => outputsFound(context)],
  ];
  return Promise.all(parts.map(async ([part, look]) => ({ part, ...(await found(context, look)) })));
}

async function found(context: DoctorContext, look: () => Promise<Found>): Promise<Found> {
  try {
    return await within(context, PATIENCE, look());
  } catch (error) {
    return wrong(error);
  }
}

async function within<T>({ web: { clock } }: DoctorContext, ms: number, work: Promise<T>): Promise<T> {
  if (await atMost(clock, ms, work)) return work;
  throw new ApiError('offline', l10n.t('No answer within {0} s.', ms / SECOND));
}

function pricesFound({ size }: Prices): Found {
  return size > 0 ? WELL : missing(l10n.t('Prices are not known yet.'));
}

function missing(text: string): Found {
  return wrong(new ApiError('missing', text));
}

async function keyFound({ vault, store }: DoctorContext): Promise<Found> {
  const key = await vault.get().catch(() => undefined);
  const { snapshot } = store;
  if (snapshot.kind === 'signedOut') throw signedOut(snapshot);
  const problem = problemOf(snapshot);
  if (problem?.error.kind === 'forbidden') throw problem.error;
  return key && snapshot.kind === 'ready' && !isStale(snapshot) ? { ...WELL, code: key.source } : unasked();
}

/** With an address that cannot be used, another one's key is read. */
async function keyStoreFound({ vault }: DoctorContext): Promise<Found> {
  await vault.get().catch((error: unknown) => {
    if (toApiError(error).kind !== 'misconfigured') throw error;
    return vault.get(DEFAULT_API_URL);
  });
  return WELL;
}

async function socketFound(context: DoctorContext): Promise<Found> {
  const address = addressIn(context.store);
  if (address === undefined) return noSession(context.store.snapshot);
  const { sockets, web } = context;
  const client = `${OUR_CLIENT}${crypto.randomUUID()}`;
  return new Promise((resolve, reject) => {
    const opened = sockets.open(new Prompts(address, web).socketAddress(client), {
      opened: () => {
        resolve(WELL);
        web.clock.after(0, () => opened.dispose());
      },
      said: () => undefined,
      closed: () => reject(new ApiError('offline', l10n.t('{0} is not responding.', l10n.t("The session's ComfyUI")))),
    });
  });
}

async function frameFound({ store, web }: DoctorContext): Promise<Found> {
  const address = addressIn(store);
  if (address === undefined) return noSession(store.snapshot);
  const embedder = vscode.env.uiKind === vscode.UIKind.Web ? 'web' : 'desktop';
  const verdict = await lookAtPage(address, embedder, web, new AbortController().signal);
  if (verdict.kind === 'shows') return WELL;
  const { headline, detail } = framePage({
    verdict,
    hasAnswered: false,
    age: 'new',
    isUnreached: false,
    isOfEditor: false,
  });
  return { ...missing(`${headline}. ${detail}`), code: verdict.kind };
}

function addressIn({ snapshot }: { readonly snapshot: Snapshot }): string | undefined {
  return snapshot.kind === 'ready' ? ownReady(snapshot)[0]?.url : undefined;
}

function windowsFound({ leadership: { isWorking, isAlone } }: DoctorContext): Found {
  if (!isWorking)
    return { ...missing(l10n.t("Your windows can't agree which of them acts, so each of them does.")), code: 'locked' };
  return isAlone
    ? { ...WELL, code: 'alone' }
    : { ...WELL, code: 'shared', text: l10n.t('They share what they learn.') };
}

async function outputsFound({ disk, outputsFolder }: DoctorContext): Promise<Found> {
  const folder = outputsFolder.known();
  const fix = settingsFix('comfydeploy.outputsFolder');
  if (folder === undefined)
    return { state: 'unknown', code: 'none', text: l10n.t('No folder is set for saving outputs.'), fix };
  const found = await disksFound(disk, [folder]);
  return found === WELL ? WELL : { ...found, fix };
}
