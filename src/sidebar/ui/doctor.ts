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
import { minutesText } from '../../platform/durations';
import { ApiError, toApiError } from '../../platform/errors';
import type { Disk } from '../../platform/folder';
import { networkHintOf } from '../../platform/networkHint';
import type { Sockets } from '../../platform/sockets';
import type { CommandHandlers } from '../../platform/ui/commands';
import { TEXT_SCHEME } from '../../platform/ui/lateTexts';
import { note } from '../../platform/ui/shown';
import { codeLens } from '../../platform/ui/shownInFiles';
import type { Texts } from '../../platform/ui/texts';
import { MINUTE, SECOND } from '../../platform/units';
import { ownReady, type Snapshot } from '../../sessions/snapshot';
import type { Store } from '../../sessions/store';
import type { LeaderLease } from '../../windows/leaderLease';
import { doctorText, reportText, settingsFix, WELL, wrong, type Finding, type Found, type Part } from '../doctor';

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
  /** Where the extension keeps its files. */
  readonly storage: string;
  readonly extension: Pick<vscode.Extension<unknown>, 'id' | 'packageJSON'>;
}

export interface DoctorSurfaces {
  readonly texts: Texts;
  readonly subscriptions: vscode.ExtensionContext['subscriptions'];
}

type DoctorHandlers = Pick<CommandHandlers, 'doctor' | 'copyReport' | 'reportIssue'>;

/** For each part, ms. */
const PATIENCE = 10 * SECOND;
/** A clock that is off by more shows wrong times of day, ms. */
const OFF = MINUTE;
/** Bytes that a disk should have room for. */
const ROOM = 100e6;
const NOTE_FOR = 5_000;
const UNKNOWN: Found = { state: 'unknown' };
/** What failed is said of another part. */
const unknown = () => UNKNOWN;
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
      await texts.show(PAGE, doctorText(shown));
    },
    async copyReport() {
      await vscode.env.clipboard.writeText(await report());
      note(l10n.t('Report copied'), NOTE_FOR);
    },
    async reportIssue() {
      const { id: extensionId } = context.extension;
      const issueBody = await report();
      await vscode.commands.executeCommand('workbench.action.openIssueReporter', { extensionId, issueBody });
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
        ...findings().flatMap(({ fix }, index) =>
          fix ? [codeLens(at(index + 1), fix.title, fix.command, ...(fix.arg === undefined ? [] : [fix.arg]))] : [],
        ),
      ];
    },
  };
  subscriptions.push(vscode.languages.registerCodeLensProvider({ scheme: TEXT_SCHEME }, provider));
  return [];
}

function aboutOf({ extension }: DoctorContext): Parameters<typeof reportText>[1] {
  const manifest: unknown = extension.packageJSON;
  const version = typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : '';
  return {
    version,
    editor: vscode.version,
    isWeb: vscode.env.uiKind === vscode.UIKind.Web,
    isRemote: vscode.env.remoteName !== undefined,
    hasProxy: (vscode.workspace.getConfiguration('http').get<string>('proxy') ?? '') !== '',
  };
}

/** All parts at once, each for a limited time. */
async function examine(context: DoctorContext): Promise<readonly Finding[]> {
  const { clock } = context.web;
  const prices = context.api.listPrices();
  const refreshed = context.store.refresh();
  const parts: readonly (readonly [Part, () => Promise<Found>])[] = [
    ['key', () => keyFound(context, refreshed)],
    ['keyStore', () => context.vault.get().then(() => WELL)],
    ['server', () => prices.then(() => WELL)],
    ['network', () => prices.then(() => WELL).catch(networkFound)],
    ['clock', () => prices.then(() => clockFound(context), unknown)],
    ['prices', () => prices.then(pricesFound, unknown)],
    ['socket', () => socketFound(context)],
    ['frame', () => frameFound(context)],
    ['windows', () => Promise.resolve(windowsFound(context))],
    ['storage', () => diskFound(context, context.storage)],
    ['outputs', () => outputsFound(context)],
  ];
  return Promise.all(parts.map(async ([part, look]) => ({ part, ...(await found(clock, look)) })));
}

const OUTPUTS = () => settingsFix('comfydeploy.outputsFolder');

async function found(clock: Web['clock'], look: () => Promise<Found>): Promise<Found> {
  try {
    const looking = look();
    if (await atMost(clock, PATIENCE, looking)) return await looking;
    return { ...missing(l10n.t('No answer within {0} s.', PATIENCE / SECOND)), code: 'silent' };
  } catch (error) {
    return wrong(error);
  }
}

function pricesFound({ size }: Prices): Found {
  return size > 0 ? WELL : missing(l10n.t('Prices are not known yet.'));
}

function missing(text: string): Found {
  return wrong(new ApiError('missing', text));
}

async function keyFound({ vault, store }: DoctorContext, refreshed: Promise<void>): Promise<Found> {
  const key = await vault.get().catch(() => undefined);
  await refreshed;
  const { snapshot } = store;
  if (!key || snapshot.kind === 'signedOut') throw new ApiError('unauthorized', l10n.t('You are not signed in.'));
  const problem = 'problem' in snapshot ? snapshot.problem : undefined;
  if (problem?.error.kind === 'forbidden') throw problem.error;
  return snapshot.kind === 'ready' ? { ...WELL, code: key.source } : UNKNOWN;
}

/** Undecided if the server failed in another way. */
function networkFound(error: unknown): Found {
  return networkHintOf(toApiError(error)) === undefined ? UNKNOWN : wrong(error);
}

function clockFound({ appState }: DoctorContext): Found {
  const { now, localNow } = appState();
  const off = Math.abs(now - localNow);
  if (off < OFF) return WELL;
  const by = minutesText(Math.round(off / MINUTE));
  return {
    ...missing(l10n.t("This computer's clock is off by {0}. Times of day that you see may be wrong.", by)),
    code: 'off',
  };
}

async function socketFound(context: DoctorContext): Promise<Found> {
  const address = addressIn(context.appState());
  if (address === undefined) return noSession();
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

async function frameFound({ appState, web }: DoctorContext): Promise<Found> {
  const address = addressIn(appState());
  if (address === undefined) return noSession();
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

function noSession(): Found {
  return { ...UNKNOWN, code: 'none', text: l10n.t('No session is running.') };
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

async function diskFound({ disk }: DoctorContext, folder: string): Promise<Found> {
  const why = await disk.whyNotWritable(folder);
  if (why !== undefined) return { ...missing(why), code: 'notWritable', fix: OUTPUTS() };
  await disk.folder(folder, '').fits(ROOM);
  return WELL;
}

async function outputsFound(context: DoctorContext): Promise<Found> {
  const folder = context.outputsFolder.known();
  if (folder !== undefined) return diskFound(context, folder);
  return { ...UNKNOWN, code: 'none', text: l10n.t('No folder is set for saving outputs.'), fix: OUTPUTS() };
}
