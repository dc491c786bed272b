import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { pageOf, type Session } from '../../comfydeploy/model';
import { stableWorkflow } from '../../comfyui/stableJson';
import type { Graph, Prompt } from '../../comfyui/workflow';
import { WorkflowId } from '../../comfydeploy/library';
import { ApiError, isAbort, toApiError } from '../../platform/errors';
import { Slices } from '../../platform/slices';
import type { CommandHandlers } from '../../platform/ui/commands';
import { choose, confirm, withLateProgress } from '../../platform/ui/pick';
import { note } from '../../platform/ui/shown';
import { sessionName } from '../../sessions/sessionText';
import { ownSessions } from '../../sessions/snapshot';
import type { KeptNodes } from '../../workflows/keptNodes';
import type { NodeLists } from '../../workflows/ui/nodeLists';
import type { WorkflowPlaces } from '../../workflows/ui/workflowPlaces';
import { convertedBy } from '../../workflows/ui/converting';
import { fileFor, readOrRefuse } from '../../workflows/ui/workflowCommands';
import { nameOf, type WorkflowFile } from '../../workflows/ui/workflowFile';
import { nothingToSave } from '../../workflows/workflowText';
import { digestOfWork, originIn, withOrigin, type Origin } from '../origin';
import { versionText } from '../versionText';
import { compareSides, type ComparingContext, type Side } from './comparing';
import type { InStep } from './inStep';
import { saveVersion, type Saved, type SavingVersionsContext } from './savingVersions';
import { chooseSide, chooseWorkflow, fileSide, formsOf, newestOf, versionSide, type SidesContext } from './sides';

interface SessionTargets {
  session(target: unknown, capability: string, ask: string): Promise<Session | undefined>;
  inFront(): Session | undefined;
}

export interface VersionContext {
  readonly comparing: ComparingContext;
  readonly choosing: SidesContext;
  readonly targets: SessionTargets;
  readonly kept: Pick<KeptNodes, 'all' | 'read' | 'newest'>;
  readonly lists: Pick<NodeLists, 'ofSession'>;
  readonly places: Pick<WorkflowPlaces, 'sourceOf'>;
  readonly step: InStep;
  readonly saving: SavingVersionsContext;
  /** Whether files note their version themselves. */
  readonly isNoted: () => boolean;
}

const NOTE_FOR = 5_000;

/** Compares workflow files and pages with versions on ComfyDeploy, and keeps them in step. */
export function versionCommands(context: VersionContext): {
  readonly handlers: Pick<CommandHandlers, 'compareWorkflow' | 'saveVersion' | 'pullVersion'>;
  /** A file is a version now. */
  readonly remember: (file: vscode.Uri, origin: Origin) => Promise<void>;
  /** A version is opened under this address, which is no file. */
  readonly noteOpened: (uri: vscode.Uri, origin: Origin) => Promise<void>;
} {
  const remember = async (file: vscode.Uri, origin: Origin): Promise<void> => {
    await context.step.note(file, origin);
    await noteIn(context, file, origin);
  };
  const handlers: ReturnType<typeof versionCommands>['handlers'] = {
    async compareWorkflow(target) {
      const row = z.safeParse(VersionRow, target).data;
      if (row) return compareVersion(context, row);
      const file = await fileFor(context.choosing, target, l10n.t('Compare which workflow?'));
      if (!file) return;
      const title = l10n.t('Compare {0} with', file.name);
      const { origin } = await context.step.standOf(file);
      const from = origin && { ...origin, side: versionSide(context.choosing, { ...origin, number: origin.version }) };
      const other = await chooseSide(context.choosing, title, from, file.uri);
      if (other) await compareSides(context.comparing, other, fileSide(file.uri, context.choosing.clock));
    },
    async saveVersion(target) {
      const saved = await whatToSave(context, target);
      const origin = saved && (await saveVersion(context.saving, saved));
      if (origin && saved.file) await noteIn(context, saved.file, origin);
    },
    async pullVersion(target) {
      const file = await fileFor(context.choosing, target, l10n.t('Pull which workflow?'));
      if (file) await pull(context, file);
    },
  };
  return { handlers, remember, noteOpened: (uri, origin) => context.step.note(uri, origin) };
}

/** A version in the list of workflows. */
const VersionRow = z.lazy(() =>
  z.object({
    workflow: z.object({ id: WorkflowId, name: z.string() }),
    version: z.object({ id: z.string(), number: z.number() }),
  }),
);

async function compareVersion(
  { choosing, comparing }: VersionContext,
  { workflow, version }: z.output<typeof VersionRow>,
): Promise<void> {
  const { name, ...side } = versionSide(choosing, version);
  const one = { ...side, name: `${workflow.name} · ${name}` };
  const other = await chooseSide(choosing, l10n.t('Compare {0} with', one.name), { workflow: workflow.id });
  if (other) await compareSides(comparing, one, other);
}

/** A file, or what a session's page shows. */
async function whatToSave(context: VersionContext, target: unknown): Promise<Saved | undefined> {
  const { targets, step } = context;
  const { clock } = context.choosing;
  const isPage = target === undefined ? targets.inFront() !== undefined : !(target instanceof vscode.Uri);
  if (isPage) {
    const session = await targets.session(target, '+url', l10n.t('Save the workflow of which session?'));
    return session && shownBy(context, session);
  }
  const file = await fileFor(context.choosing, target, l10n.t('Save which workflow?'));
  if (!file) return undefined;
  const { name, uri, workflow } = file;
  const { graph } = workflow;
  if (!graph)
    throw new ApiError(
      'refused',
      l10n.t('{0} is in API format. Without a drawing, ComfyDeploy takes no version.', name),
    );
  const title = l10n.t('Converting {0}', name);
  const made = await withLateProgress(clock, title, (signal) => promptOf(context, { name, graph }, signal));
  if (made instanceof ApiError && !(await isSavedWithout(name, made))) return undefined;
  const prompt = made instanceof ApiError ? {} : made;
  return { name, graph, prompt, file: uri, origin: (await step.standOf(file)).origin };
}

async function shownBy(context: VersionContext, session: Session): Promise<Saved> {
  const { clock, tabs, snapshot } = context.choosing;
  const name = sessionName(session, snapshot());
  const title = l10n.t('Reading the workflow of {0}', name);
  const { graph, prompt } = (await withLateProgress(clock, title, (signal) => tabs.shownBy(session.id, signal))) ?? {};
  const label = l10n.t('the workflow in {0}', name);
  if (graph && prompt) return { name, label, graph, prompt, session, origin: await shownFrom(context, session, graph) };
  throw new ApiError('missing', nothingToSave());
}

/** The version that a page shows with or without changes, if that was opened from here. */
async function shownFrom({ step, places }: VersionContext, { id }: Session, graph: Graph): Promise<Origin | undefined> {
  const uri = places.sourceOf(id, graph);
  return uri && (await step.standOf({ uri, workflow: { graph, prompt: undefined, leftOut: [] } })).origin;
}

/** By the nodes of a session that knows all of the workflow's, running or not; or why that is not possible. */
async function promptOf(
  context: VersionContext,
  drawn: { readonly name: string; readonly graph: Graph },
  signal: AbortSignal,
): Promise<Prompt | ApiError> {
  let failure = new ApiError(
    'refused',
    l10n.t('Which values {0} sends is not known before a session has run.', drawn.name),
  );
  for (const read of await listsOf(context, signal)) {
    try {
      const nodes = await read();
      if (nodes !== undefined) return await convertedBy(nodes, drawn, new Slices(context.choosing.clock, signal));
    } catch (error) {
      if (isAbort(error)) throw error;
      failure = toApiError(error);
    }
  }
  return failure;
}

/** Those that are kept cost no request; then those of sessions that run. */
async function listsOf({ kept, lists, choosing: { snapshot } }: VersionContext, signal: AbortSignal) {
  const running = ownSessions(snapshot()).filter((session) => pageOf(session) !== undefined);
  return [
    ...(await kept.all()).map((list) => () => kept.read(list)),
    ...running.map((session) => () => lists.ofSession(session, signal)),
  ];
}

async function isSavedWithout(name: string, { message }: ApiError): Promise<boolean> {
  const detail = l10n.t('ComfyDeploy can then open this version, but not run it.');
  return confirm(l10n.t('Save {0} without its API form?', name), `${message} ${detail}`, l10n.t('Save Without It'));
}

/** Replaces a file's workflow by the newest version. Changes made here are lost only if the user agrees. */
async function pull(context: VersionContext, { uri, name, ...asked }: WorkflowFile): Promise<void> {
  const { step, isNoted } = context;
  const { library, clock } = context.choosing;
  const { origin } = await step.standOf({ uri, ...asked });
  const workflow = origin?.workflow ?? (await workflowFor(context, name));
  if (!workflow) return;
  const title = l10n.t('Reading the newest version of {0}', name);
  const newest = await withLateProgress(clock, title, (signal) => newestOf(library, workflow, signal)).catch(
    (error: unknown) => {
      step.forget();
      throw error;
    },
  );
  const [forms, file] = [formsOf(newest), await readOrRefuse(uri, clock)];
  const [theirs, ours] = [
    await digestOfWork(forms, new Slices(clock)),
    await digestOfWork(file.workflow, new Slices(clock)),
  ];
  if (file.workflow.graph && !forms.graph)
    throw new ApiError(
      'refused',
      l10n.t('Version {0} is not a drawn workflow. {1} was left as it is.', newest.number, name),
    );
  const side: Side = { name: versionText(newest.number), read: () => Promise.resolve(forms) };
  if (theirs !== ours && ours !== origin?.digest) {
    const [replace, compare] = [l10n.t('Replace'), l10n.t('Compare')];
    const question = l10n.t('{0} has changes that version {1} lacks.', name, newest.number);
    const answer = await choose(
      question,
      l10n.t('Pulling replaces them. You can undo it in the editor.'),
      replace,
      compare,
    );
    if (answer === compare) return compareSides(context.comparing, side, fileSide(uri, clock));
    if (answer === undefined) return;
  }
  const now = { workflow, version: newest.number, id: newest.id, digest: theirs };
  const { graph, prompt } = forms;
  const isNotedThere = isNoted() || originIn(file.workflow.graph) !== undefined;
  const text = graph ? stableWorkflow(withOrigin(graph, isNotedThere ? now : undefined)) : stableWorkflow(prompt ?? {});
  if (theirs !== ours || isNotedThere) await replaceText(uri, text);
  await step.note(uri, now);
  note(l10n.t('{0} is version {1} now', name, newest.number), NOTE_FOR);
}

/** Where files note their version themselves. */
async function noteIn(
  { choosing: { clock }, isNoted }: VersionContext,
  uri: vscode.Uri,
  origin: Origin,
): Promise<void> {
  const { graph } = (await readOrRefuse(uri, clock)).workflow;
  if (graph && (isNoted() || originIn(graph))) await replaceText(uri, stableWorkflow(withOrigin(graph, origin)));
}

async function workflowFor(context: VersionContext, name: string): Promise<WorkflowId | undefined> {
  const chosen = await chooseWorkflow(context.choosing, l10n.t('Pull {0} from', name));
  return typeof chosen === 'object' ? chosen.id : undefined;
}

/** As an edit, which can be undone. The file is saved if it was. */
async function replaceText(uri: vscode.Uri, text: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const [wasSaved, edit] = [!document.isDirty, new vscode.WorkspaceEdit()];
  edit.replace(uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  const isDone = await vscode.workspace.applyEdit(edit);
  if (!isDone) throw new ApiError('refused', l10n.t("{0} couldn't be changed.", nameOf(uri)));
  if (wasSaved) await document.save();
}
