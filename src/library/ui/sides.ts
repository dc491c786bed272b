import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { KeptWorkflow, Version, WorkflowId } from '../../comfydeploy/library';
import type { LibraryClient } from '../../comfydeploy/libraryClient';
import { skippedText } from '../../comfydeploy/rowReading';
import { workflowIn } from '../../comfyui/workflow';
import type { SessionTabs } from '../../page/ui/sessionTabs';
import type { Choice } from '../../platform/choice';
import type { Clock } from '../../platform/clock';
import { ApiError } from '../../platform/errors';
import { notUnderstood } from '../../platform/unanswered';
import { pick } from '../../platform/ui/pick';
import { sessionName } from '../../sessions/sessionText';
import { sessionsOf, type Snapshot } from '../../sessions/snapshot';
import { readOrRefuse } from '../../workflows/ui/workflowCommands';
import { byPath, nameOf } from '../../workflows/ui/workflowFile';
import type { WorkflowFiles } from '../../workflows/ui/workflowFiles';
import { nothingToSave } from '../../workflows/workflowText';
import { foundText, noVersions, versionRowText, workflowText, type LibraryTextInput } from '../libraryText';
import { versionText } from '../versionText';
import type { Forms, Side } from './comparing';

export interface SidesContext {
  readonly clock: Clock;
  readonly library: Pick<LibraryClient, 'list' | 'versions' | 'version'>;
  readonly tabs: Pick<SessionTabs, 'shownBy' | 'canvasOf'>;
  readonly snapshot: () => Snapshot;
  readonly appState: () => LibraryTextInput;
  readonly files: Pick<WorkflowFiles, 'known'>;
}

/** A few at a time: each has its whole graphs. */
const AT_ONCE = 5;
const MOST_LISTED = 1000;

/** @throws {ApiError} if it is not a workflow. */
export function formsOf({ graph, prompt, number }: Pick<Version, 'graph' | 'prompt' | 'number'>): Forms {
  const forms = workflowIn({ workflow: graph, workflow_api: prompt });
  if (forms) return forms;
  throw new ApiError('refused', number === 0 ? noVersions() : l10n.t('This version contains no workflow.'));
}

/** A workflow may have no versions: stands for the newest one then, so that the next one is version 1. */
const NONE: Version = {
  id: '',
  number: 0,
  graph: undefined,
  prompt: undefined,
  comment: undefined,
  userId: undefined,
  machineId: undefined,
  createdAt: undefined,
};

/** Number 0 if there is none. @throws {ApiError} if the workflow is gone, or its version cannot be read. */
export async function newestOf(
  library: Pick<LibraryClient, 'versions'>,
  workflow: WorkflowId,
  signal?: AbortSignal,
): Promise<Version> {
  const { rows, skipped } = await library.versions(workflow, { offset: 0, limit: 1 }, signal);
  if (skipped.length > 0) throw new ApiError('malformed', notUnderstood('ComfyDeploy'));
  return rows[0] ?? NONE;
}

export function fileSide(uri: vscode.Uri, clock: Clock): Side {
  return { name: nameOf(uri), read: async () => (await readOrRefuse(uri, clock)).workflow };
}

export function versionSide(
  { library }: Pick<SidesContext, 'library'>,
  { id, number }: Pick<Version, 'id' | 'number'>,
): Side {
  return { name: versionText(number), read: async (signal) => formsOf(await library.version(id, signal)) };
}

interface From {
  readonly workflow: WorkflowId;
  readonly side?: Side;
}

/**
 * What to compare with; undefined if the user cancels. @param from the workflow whose versions come first. @param own the
 * file that is compared.
 */
export async function chooseSide(
  context: SidesContext,
  title: string,
  from: From | undefined,
  own?: vscode.Uri,
): Promise<Side | undefined> {
  const chosen = await pick<Side | 'version' | 'workflow'>({
    title,
    placeholder: l10n.t('Choose what to compare with'),
    choices: [
      ...(from ? versionSides(context, from) : []),
      row('version' as const, 'cloud', from ? l10n.t('Another Version…') : l10n.t('Version on ComfyDeploy…')),
      ...(from ? [row('workflow' as const, 'cloud', l10n.t('Another Workflow…'))] : []),
      ...otherSides(context, own),
    ],
  });
  if (typeof chosen !== 'string') return typeof chosen === 'object' ? chosen : undefined;
  if (from && chosen === 'version') return chooseVersion(context, title, from.workflow);
  const workflow = await chooseWorkflow(context, title);
  const side = typeof workflow === 'object' ? await chooseVersion(context, title, workflow.id) : undefined;
  return side && typeof workflow === 'object' ? { ...side, name: `${workflow.name} · ${side.name}` } : undefined;
}

function row<T>(value: T, icon: string, label: string, description = ''): Choice<T> {
  return { value, icon, label, description };
}

function versionSides({ library }: SidesContext, { workflow, side }: From): readonly Choice<Side>[] {
  const read = async (signal: AbortSignal) => formsOf(await newestOf(library, workflow, signal));
  const newest = { name: l10n.t('Newest version'), read };
  return [newest, ...(side ? [side] : [])].map((one) => row(one, 'cloud', one.name));
}

/** What pages show, and other files. */
function otherSides(
  { clock, tabs, snapshot, files }: SidesContext,
  own: vscode.Uri | undefined,
): readonly Choice<Side>[] {
  const others = files.known.filter((uri) => uri.toString() !== own?.toString());
  const pages = sessionsOf(snapshot()).filter(({ id }) => tabs.canvasOf(id) === 'shown');
  return [
    ...pages.map((session) => {
      const name = l10n.t('What {0} shows', sessionName(session, snapshot()));
      const read = async (signal: AbortSignal) => {
        const { graph, prompt } = (await tabs.shownBy(session.id, signal)) ?? {};
        if (graph) return { graph, prompt };
        throw new ApiError('missing', nothingToSave());
      };
      return row({ name, read }, 'browser', name);
    }),
    ...byPath(others).map((uri) => {
      const side = fileSide(uri, clock);
      return row(side, 'file', side.name, vscode.workspace.asRelativePath(uri));
    }),
  ];
}

export const NEW = 'new';

/**
 * Undefined if the user cancels. @param others come last, or first if nobody else may be meant. @param preferred the id of
 * a workflow that is offered first.
 */
export async function chooseWorkflow(
  { library, appState }: Pick<SidesContext, 'library' | 'appState'>,
  title: string,
  others: readonly Choice<typeof NEW>[] = [],
  preferred?: WorkflowId,
): Promise<KeptWorkflow | typeof NEW | undefined> {
  for (let search: string | undefined; ;) {
    const first = search === undefined ? preferred : undefined;
    const { rows, skipped } = await library.list({ offset: 0, limit: MOST_LISTED, search, first });
    const listed = rows.map((row) => ({
      value: row,
      label: row.name,
      description: workflowText(row, appState()).description,
    }));
    // Enter must not choose somebody else's.
    const isLost = first !== undefined && rows[0]?.id !== first;
    const choices: readonly Choice<KeptWorkflow | typeof NEW>[] = isLost
      ? [...others, ...listed]
      : [...listed, ...others];
    const isWhole = search === undefined && rows.length + skipped.length < MOST_LISTED;
    const chosen = await pick<KeptWorkflow | typeof NEW | Wanted>({
      title,
      placeholder: isLost
        ? l10n.t('Its workflow was not found. Was it deleted, or is it in another account?')
        : search !== undefined
          ? foundText(search, rows.length)
          : isWhole
            ? l10n.t('Choose a workflow on ComfyDeploy')
            : l10n.t('The first {0} workflows. Type to search all of them', MOST_LISTED),
      choices,
      ...(isWhole ? {} : { typed: (text: string) => ({ choices: fitting(choices, text.trim()) }) }),
    });
    if (typeof chosen !== 'object' || !('search' in chosen)) return typeof chosen === 'symbol' ? undefined : chosen;
    search = chosen.search;
  }
}

interface Wanted {
  readonly search: string;
}

/** Those that are listed, and a search for others. */
function fitting<T>(choices: readonly Choice<T>[], word: string): readonly Choice<T | Wanted>[] {
  const isFitting = ({ label, description }: Choice<T>) =>
    `${label} ${description}`.toLowerCase().includes(word.toLowerCase());
  return [...choices.filter(isFitting), { value: { search: word }, label: word, description: '', icon: 'search' }];
}

async function chooseVersion(context: SidesContext, title: string, workflow: WorkflowId): Promise<Side | undefined> {
  for (let offset = 0; ; offset += AT_ONCE) {
    const { rows, skipped } = await context.library.versions(workflow, { offset, limit: AT_ONCE });
    const choices = rows.map((row) => ({
      value: { name: versionText(row.number), read: () => Promise.resolve(formsOf(row)) },
      ...versionRowText(row, context.appState()),
    }));
    const older = { value: OLDER, label: l10n.t('Older versions…'), description: '' } as const;
    const more = rows.length + skipped.length === AT_ONCE ? [older] : [];
    const placeholder =
      skipped.length > 0
        ? skippedText(skipped.length)
        : choices.length + more.length === 0
          ? noVersions()
          : l10n.t('Choose a version');
    const chosen = await pick<Side | typeof OLDER>({ title, placeholder, choices: [...choices, ...more] });
    if (chosen !== OLDER) return typeof chosen === 'object' ? chosen : undefined;
  }
}

const OLDER = 'older';
