import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { Session } from '../../comfydeploy/model';
import { stableWorkflow } from '../../comfyui/stableJson';
import type { Graph, Prompt } from '../../comfyui/workflow';
import { WorkflowId } from '../../comfydeploy/library';
import { ApiError, isAbort, toApiError } from '../../platform/errors';
import { Slices } from '../../platform/slices';
import type { CommandHandlers } from '../../platform/ui/commands';
import { choose, withLateProgress } from '../../platform/ui/pick';
import { note } from '../../platform/ui/shown';
import { sessionName } from '../../sessions/sessionText';
import type { KeptNodes } from '../../workflows/keptNodes';
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
      const origin = context.step.originOf(file);
      const from = origin && { ...origin, side: versionSide(context.choosing, { ...origin, number: origin.version }) };
      const other = await chooseSide(context.choosing, title, from);
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
  return { handlers, remember };
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
    throw new ApiError('refused', l10n.t('{0} is in API format, but ComfyDeploy keeps drawn workflows.', name));
  const title = l10n.t('Converting {0}', name);
  const prompt = await withLateProgress(clock, title, (signal) => promptOf(context, { name, graph }, signal));
  return { name, graph, prompt, file: uri, origin: step.originOf(file) };
}

async function shownBy({ choosing: { clock, tabs, snapshot } }: VersionContext, session: Session): Promise<Saved> {
  const name = sessionName(session, snapshot());
  const title = l10n.t('Reading the workflow of {0}', name);
  const { graph, prompt } = (await withLateProgress(clock, title, (signal) => tabs.shownBy(session.id, signal))) ?? {};
  if (graph && prompt) return { name, graph, prompt, session };
  throw new ApiError('missing', nothingToSave());
}

/** By the nodes of a session that knows all of the workflow's, running or not. @throws {ApiError} */
async function promptOf(
  { kept, choosing: { clock } }: VersionContext,
  drawn: { readonly name: string; readonly graph: Graph },
  signal: AbortSignal,
): Promise<Prompt> {
  let failure = new ApiError(
    'refused',
    l10n.t(
      'Which values {0} sends is not known before a session has run for a minute. Start one and try again.',
      drawn.name,
    ),
  );
  for (const list of await kept.all()) {
    const nodes = await kept.read(list);
    try {
      if (nodes !== undefined) return await convertedBy(nodes, drawn, new Slices(clock, signal));
    } catch (error) {
      if (isAbort(error)) throw error;
      failure = toApiError(error);
    }
  }
  throw failure;
}

/** Replaces a file's workflow by the newest version. Changes made here are lost only if the user agrees. */
async function pull(context: VersionContext, { uri, name, ...asked }: WorkflowFile): Promise<void> {
  const { step, isNoted } = context;
  const { library, clock } = context.choosing;
  const origin = step.originOf({ uri, ...asked });
  const workflow = origin?.workflow ?? (await workflowFor(context, name));
  if (!workflow) return;
  const title = l10n.t('Reading the newest version of {0}', name);
  const newest = await withLateProgress(clock, title, (signal) => newestOf(library, workflow, signal));
  const [forms, file] = [formsOf(newest), await readOrRefuse(uri, clock)];
  const [theirs, ours] = [
    await digestOfWork(forms, new Slices(clock)),
    await digestOfWork(file.workflow, new Slices(clock)),
  ];
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
