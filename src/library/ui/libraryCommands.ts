import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { KeptWorkflow, Version, WorkflowId } from '../../comfydeploy/library';
import type { LibraryClient } from '../../comfydeploy/libraryClient';
import type { MachineId, Session } from '../../comfydeploy/model';
import { safeName } from '../../comfyui/fileNames';
import { stableJson } from '../../comfyui/stableJson';
import { workflowIn, type Workflow } from '../../comfyui/workflow';
import type { Clock } from '../../platform/clock';
import { ApiError, toApiError } from '../../platform/errors';
import { cutInTheMiddle } from '../../platform/plainText';
import { readForeignJson } from '../../platform/pythonJson';
import { Slices } from '../../platform/slices';
import { BACK, confirm, pick, withLateProgress } from '../../platform/ui/pick';
import type { Settings } from '../../platform/ui/settings';
import { askForText } from '../../platform/ui/shown';
import type { Texts } from '../../platform/ui/texts';
import { machinesOf } from '../../sessions/snapshot';
import { writeBeside } from '../../workflows/ui/exportingApi';
import type { Purpose } from '../../workflows/ui/sessionForWork';
import type { WorkflowFile } from '../../workflows/ui/workflowFile';
import type { KeptVersions } from '../keptVersions';
import { digestOfWork, type Origin } from '../origin';
import { storable } from '../unstorable';
import { noVersions, type LibraryTextInput } from '../libraryText';
import type { Filter, Shelf } from '../shelf';
import type { LibraryNode, LibraryTree } from './libraryTree';
import type { LibraryView } from './libraryView';
import { newestOf } from './sides';

export interface LibraryContext {
  readonly library: LibraryClient;
  readonly kept: KeptVersions;
  readonly shelf: Shelf;
  readonly tree: LibraryTree;
  readonly view: LibraryView;
  readonly appState: () => LibraryTextInput;
  readonly clock: Clock;
  readonly texts: Texts;
  readonly settings: Pick<Settings, 'dashboardPage'>;
  readonly versions: {
    /** A file is a version now. */
    readonly remember: (file: vscode.Uri, origin: Origin) => Promise<void>;
    /** A version is opened under this address, which is no file. */
    readonly noteOpened: (uri: vscode.Uri, origin: Origin) => Promise<void>;
  };
  readonly opening: {
    readonly sessionFor: (
      ask: string,
      file: WorkflowFile,
      purpose: Purpose | undefined,
      on: MachineId | undefined,
    ) => Promise<Session | undefined>;
    readonly open: (session: Session, file: WorkflowFile) => Promise<void>;
  };
}

/** Commands on workflows that ComfyDeploy keeps, and on their versions. Of a workflow, the newest version is meant. */
export function libraryCommands(context: LibraryContext) {
  return { ...reading(context), ...writing(context) };
}

function reading(context: LibraryContext) {
  const { shelf, tree, texts, settings, opening, versions } = context;
  return {
    async openKept(target: unknown): Promise<void> {
      const node = tree.nodeOf(target) ?? context.view.selected();
      if (node?.kind === 'rest') return node.workflow ? shelf.moreVersions(node.workflow) : shelf.more();
      const file = node && (await fileOf(context, node));
      // Unlike the name of a saved file, which can be changed.
      if (file) await texts.show(`${file.name} (ComfyDeploy).json`, file.text);
    },
    async openKeptInSession(target: unknown): Promise<void> {
      const node = tree.nodeOf(target);
      const kept = node && (await fileOf(context, node));
      if (!kept) return;
      const file = checked(kept, kept.workflow?.graph && kept.workflow);
      const ask = l10n.t('Open {0} in which session?', file.name);
      const session = await opening.sessionFor(ask, file, undefined, node.workflow?.machineId);
      if (!session) return;
      await versions.noteOpened(file.uri, await originOf(context, file));
      await opening.open(session, file);
    },
    async saveKept(target: unknown): Promise<void> {
      const node = tree.nodeOf(target);
      const kept = node && (await fileOf(context, node));
      if (!kept) return;
      const file = checked(kept, kept.workflow);
      const place = await writeBeside(file.uri, `${safeName(file.name)}.json`, file.text);
      if (place) await versions.remember(place, await originOf(context, file));
    },
    async searchKept(): Promise<void> {
      const filter = await askForFilter(context);
      if (!filter) return;
      await vscode.commands.executeCommand('comfydeploy.workflows.focus');
      await shelf.choose(filter);
    },
    async openKeptInDashboard(target: unknown): Promise<void> {
      const workflow = tree.nodeOf(target)?.workflow;
      const path = `/workflows/${encodeURIComponent(workflow?.id ?? '')}/workspace`;
      if (workflow) await vscode.env.openExternal(settings.dashboardPage(path));
    },
  };
}

function writing({ library, shelf, tree, view }: LibraryContext) {
  /** Afterwards the view shows what the server says, also after a failure: the change may have been made. */
  const changing = (change: (workflow: KeptWorkflow) => Promise<unknown>) => async (target: unknown) => {
    const workflow = tree.nodeOf(target)?.workflow;
    if (workflow) await change(workflow).finally(() => shelf.read());
  };
  return {
    renameKept: changing(async ({ id, name: label, wholeName }) => {
      const name = storable((await askForText(l10n.t('Rename {0}', label), wholeName)) ?? '');
      if (name) await library.change(id, { name });
    }),
    pinKept: changing(({ id }) => library.change(id, { pinned: true })),
    unpinKept: changing(({ id }) => library.change(id, { pinned: false })),
    async duplicateKept(target: unknown): Promise<void> {
      let copy: WorkflowId | undefined;
      await changing(async (workflow) => (copy = await cloneOnce(library, workflow)))(target);
      const row = tree.nodeOf({ id: copy });
      if (row) await view.reveal(row);
    },
    deleteKept: changing(async ({ id, name }) => {
      const detail = l10n.t('Its versions are deleted too. ComfyDeploy has no way to bring them back.');
      if (await confirm(l10n.t('Delete {0}?', name), detail, l10n.t('Delete'))) await library.remove(id);
    }),
  };
}

/** As the server names it. */
const COPY = ' (Cloned)';

/** Sent once: if the answer is lost, the copy is looked for. @throws {ApiError} */
async function cloneOnce(library: LibraryClient, { id, wholeName }: KeptWorkflow): Promise<WorkflowId> {
  const copy = `${wholeName}${COPY}`;
  const known = await library.named(copy);
  return library.clone(id).catch(async (error: unknown) => {
    const found = toApiError(error).outcomeUnknown && (await library.named(copy)).find((one) => !known.includes(one));
    if (found) return found;
    throw error;
  });
}

interface KeptFile extends Omit<WorkflowFile, 'workflow'>, Pick<Version, 'id' | 'number'> {
  readonly of: KeptWorkflow;
  /** Undefined if it is other JSON. */
  readonly workflow: Workflow | undefined;
}

async function originOf(
  { clock }: LibraryContext,
  { of, number, id, workflow }: KeptFile & WorkflowFile,
): Promise<Origin> {
  return { workflow: of.id, version: number, id, digest: await digestOfWork(workflow, new Slices(clock)) };
}

/** @throws {ApiError} without a workflow that will do. */
function checked(file: KeptFile, workflow: Workflow | undefined): KeptFile & WorkflowFile {
  if (workflow) return { ...file, workflow };
  throw new ApiError('refused', l10n.t('This version of {0} is not a drawn workflow.', file.of.name));
}

/** As the page draws it, else in API format, else the JSON that was saved. @throws {ApiError} if there is none. */
async function fileOf(context: LibraryContext, node: LibraryNode): Promise<KeptFile | undefined> {
  const { workflow: of } = node;
  if (!of) return undefined;
  const { clock } = context;
  const title = l10n.t('Loading {0}', of.name);
  const version = await withLateProgress(clock, title, (signal) => versionOf(context, node, of, signal));
  const { id, number, graph, prompt } = version;
  if (number === 0) throw new ApiError('refused', noVersions());
  const drawn = workflowIn(graph);
  const workflow = drawn?.graph ? drawn : (workflowIn(prompt) ?? drawn);
  const name = `${cutInTheMiddle(of.name, 60)} v${number}`;
  const uri = vscode.Uri.from({ scheme: 'untitled', path: `${name}.json`, query: id });
  return {
    uri,
    name,
    text: stableJson(workflow ? (workflow.graph ?? workflow.prompt) : graph),
    workflow,
    id,
    number,
    of,
  };
}

type Read = Pick<Version, 'id' | 'number' | 'graph' | 'prompt'>;

async function versionOf(
  { library, kept, clock }: LibraryContext,
  node: LibraryNode,
  workflow: KeptWorkflow,
  signal: AbortSignal,
): Promise<Read> {
  if (node.kind !== 'version') return newestOf(library, workflow.id, signal);
  const { id, number } = node.version;
  const text = await kept.graphOf(id).catch(() => undefined);
  const graph = text === undefined ? undefined : await readForeignJson(text, new Slices(clock, signal));
  // Only drawn graphs are complete without the rest of their version.
  return workflowIn(graph)?.graph ? { id, number, graph, prompt: undefined } : library.version(id, signal);
}

/** Undefined if the user cancels. */
async function askForFilter({ appState, shelf }: LibraryContext): Promise<Filter | undefined> {
  const all: Filter = {};
  const { search: searched, machineId } = shelf.filter;
  const known = machinesOf(appState().snapshot);
  const machines = known.map(({ id, name }) => ({
    value: { ...shelf.filter, machineId: id } satisfies Filter,
    label: name,
    description: searched ?? '',
    icon: 'server',
  }));
  const chosenMachine = known.find(({ id }) => id === machineId)?.name;
  const whole = { value: all, label: l10n.t('All Workflows'), description: '', icon: 'list-flat' };
  const named = (text: string) => {
    const word = text.trim();
    const fitting = machines.filter(({ label }) => label.toLowerCase().includes(word.toLowerCase()));
    const search = { value: { search: word }, label: word, description: '', icon: 'search' };
    const there = machineId && { ...search, value: { search: word, machineId }, description: chosenMachine ?? '' };
    return { choices: [...(there ? [there] : []), search, ...fitting] };
  };
  const chosen = await pick<Filter>({
    title: l10n.t('Search Workflows'),
    placeholder: l10n.t('Type a part of the name, or choose a machine'),
    choices: [whole, ...machines],
    preferred: shelf.filter,
    typed: named,
  });
  return chosen === BACK ? undefined : chosen;
}
