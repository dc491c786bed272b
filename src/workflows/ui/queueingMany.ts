import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Prices, Session } from '../../comfydeploy/model';
import { ComfyUi, type Web } from '../../comfyui/client';
import { safeName } from '../../comfyui/fileNames';
import { workflowOf } from '../../comfyui/wire';
import type { Prompt } from '../../comfyui/workflow';
import { OUTPUT_SCHEME } from '../../outputs/ui/lateOutputs';
import { addressOf } from '../../page/ui/opening';
import { about, dollars } from '../../platform/dollars';
import { ApiError } from '../../platform/errors';
import { exactJson } from '../../platform/jsonText';
import { choose, pick, withLateProgress } from '../../platform/ui/pick';
import { writeWhole } from '../../platform/ui/wholeFile';
import type { GuardPreferences } from '../../sessions/preferences';
import { sessionTitle } from '../../sessions/sessionText';
import type { Snapshot } from '../../sessions/snapshot';
import { spendingLimitFrom, wouldExceed, type SpendingLimits } from '../../spending/spendingLimits';
import { costOf } from '../../spending/cost';
import { excessText } from '../../spending/moneyText';
import type { Spending } from '../../spending/spending';
import { graphWithInputs } from '../inputFiles';
import type { Settings } from '../manyRuns';
import { forecastText, runsText } from '../manyText';
import { missingInputsText } from '../queueText';
import type { RunPlan } from '../runPlans';
import type { Converting } from './converting';
import { isMissing, type InputUploads } from './inputUploads';
import { askForRuns } from './manyQuestions';
import { WORKFLOW, type Job, type RunningMany } from './runningMany';
import type { WorkflowFile } from './workflowFile';

export interface QueueingManyInput {
  readonly snapshot: Snapshot;
  /** Server time, ms. */
  readonly now: number;
  readonly prices: Prices | undefined;
  readonly spending: Spending;
  readonly limits: { readonly spendingLimits: SpendingLimits };
  readonly preferencesOf: (id: Session['id']) => Pick<GuardPreferences, 'lease'>;
}

export interface QueueingManyContext {
  readonly web: Web;
  readonly appState: () => QueueingManyInput;
  readonly converting: Pick<Converting, 'promptFor' | 'withChoices'>;
  readonly inputs: Pick<InputUploads, 'sent' | 'uploaded'>;
  readonly running: Pick<RunningMany, 'run'>;
}

/**
 * Queues many runs of one workflow: asks what differs, and shows the estimate before the first. Resolves when they have
 * begun.
 * @throws {ApiError}, or an `AbortError` if the user cancels.
 */
export async function queueMany(context: QueueingManyContext, file: WorkflowFile, session: Session): Promise<void> {
  const { appState, converting, inputs, running, web } = context;
  const written = file.workflow.prompt ?? (await converting.promptFor(session, file));
  const prompt = await inputs.sent(session, file, written);
  if (!prompt) return;
  if (isMissing(prompt)) throw new ApiError('refused', missingInputsText(file.name, prompt));
  const upload = (uris: readonly vscode.Uri[]) => inputs.uploaded(session, uris, file.name);
  const asked = await askForRuns({ random: web.random, upload }, file.name, prompt);
  const runs = asked && (await converting.withChoices(session, file, asked));
  const agreed = runs && (await agree(context, session, file.name, { prompt, runs }));
  if (!agreed) return;
  const folder = await folderFor(file, web.clock.now());
  const { graph: drawn } = file.workflow;
  const graph = drawn && graphWithInputs(drawn, written, prompt);
  await writeJob(folder, { graph, prompt });
  const plan: RunPlan = {
    id: crypto.randomUUID(),
    sessionId: session.id,
    name: file.name,
    folder: folder.toString(),
    startedAt: appState().now,
    ...(agreed.limit === undefined ? {} : { limit: agreed.limit.toString() }),
    runs: runs.map((set) => ({ set: [...set], state: 'due' })),
  };
  void running.run(plan, session, { graph, prompt });
}

/** How long the session's last run took, if that was the same work, ms. */
export async function timeOfRun(session: Session, prompt: Prompt, web: Web, signal: AbortSignal) {
  const newest = await new ComfyUi(addressOf(session), web).newest(signal).catch(() => undefined);
  return newest?.timing?.workflow === workflowOf(prompt) ? newest.timing.took : undefined;
}

/** Undefined if the user does not agree. */
async function agree(
  { web, appState }: QueueingManyContext,
  session: Session,
  name: string,
  { prompt, runs: { length: count } }: { readonly prompt: Prompt; readonly runs: readonly Settings[] },
): Promise<{ readonly limit: bigint | undefined } | undefined> {
  const took = await withLateProgress(web.clock, l10n.t('Looking how long a run takes'), (signal) =>
    timeOfRun(session, prompt, web, signal),
  );
  const { snapshot, now, prices, spending, limits, preferencesOf } = appState();
  const price = prices?.get(session.gpu);
  const untilEnd = 'endsAt' in session ? session.endsAt - now : undefined;
  const left = preferencesOf(session.id).lease ? undefined : untilEnd;
  const more = took === undefined || price === undefined ? 0n : costOf(price, count * took - (untilEnd ?? 0));
  const excess = wouldExceed(spending, limits.spendingLimits, more, session.id);
  const forecast = { count, took, price, left, excess: excess && excessText(excess) };
  const [queue, withLimit] = [l10n.t('Queue'), l10n.t('Set a Limit…')];
  const answer = await choose(
    l10n.t('Queue {0} on {1}: {2}?', name, sessionTitle(session, snapshot), runsText(count)),
    forecastText(forecast),
    ...(price === undefined ? [queue] : [queue, withLimit]),
  );
  if (answer === queue) return { limit: undefined };
  return answer === withLimit
    ? askForLimit(took === undefined || price === undefined ? undefined : costOf(price, count * took))
    : undefined;
}

async function askForLimit(expected: bigint | undefined): Promise<{ readonly limit: bigint } | undefined> {
  const row = (value: bigint) => ({ value, label: dollars(value), description: '' });
  const limit = await pick<bigint>({
    title: l10n.t('Stop at which cost?'),
    placeholder:
      expected === undefined ? l10n.t('Type dollars') : l10n.t('Type dollars. Expected: {0}', about(expected)),
    choices: [1, 5, 10, 25].map((amount) => row(BigInt(amount) * 1_000_000_000n)),
    typed: (text) => {
      const value = spendingLimitFrom(Number(text.replace(/[$\s]/g, '').replace(',', '.')));
      return { choices: value === undefined ? [] : [row(value)] };
    },
  });
  return typeof limit === 'bigint' ? { limit } : undefined;
}

/** A new folder beside the workflow. */
async function folderFor({ uri, name }: WorkflowFile, now: number): Promise<vscode.Uri> {
  const at = new Date(now).toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.');
  const beside = vscode.Uri.joinPath(uri, '..');
  const base = uri.scheme === OUTPUT_SCHEME ? vscode.workspace.workspaceFolders?.[0]?.uri : beside;
  if (!base) throw new ApiError('refused', l10n.t('Open a folder first: the outputs need a place.'));
  const place = (again: string) => vscode.Uri.joinPath(base, `${safeName(name, 80)} ${at}${again}`);
  let folder = place('');
  for (let count = 2; await isThere(folder); count++) folder = place(` (${count})`);
  return folder;
}

/** Also true for a link, through which files would be written elsewhere. */
function isThere(uri: vscode.Uri): Thenable<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

/** The folder also contains what is sent, so that another window can continue, and a person can queue it again. */
async function writeJob(folder: vscode.Uri, { graph, prompt }: Job): Promise<void> {
  await vscode.workspace.fs.createDirectory(folder);
  const text = exactJson(graph ? { workflow: graph, prompt } : prompt);
  await writeWhole(vscode.Uri.joinPath(folder, WORKFLOW), new TextEncoder().encode(text));
}
