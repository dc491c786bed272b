import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Clock } from '../../platform/clock';
import { ApiError } from '../../platform/errors';
import type { Session, SessionId } from '../../comfydeploy/model';
import { safeName } from '../../comfyui/fileNames';
import { stableWorkflow } from '../../comfyui/stableJson';
import type { CommandHandlers } from '../../platform/ui/commands';
import { pick } from '../../platform/ui/pick';
import { carrierOf, readCarrier, type Carrier, type ReadingFile } from './carriers';
import { writeBeside } from './exportingApi';
import type { Queueing } from './queueing';
import type { Purpose } from './sessionForWork';
import { byPath, isInOtherEncoding, nameOf, readWorkflowFile, textInEditor, type WorkflowFile } from './workflowFile';
import type { WorkflowFiles } from './workflowFiles';

export interface WorkflowContext {
  readonly clock: Clock;
  readonly files: Pick<WorkflowFiles, 'known'>;
  /** If not, the user has been notified. */
  readonly isDrawable: (file: WorkflowFile) => boolean;
  /** A session with a page; undefined if the user cancels. */
  readonly sessionFor: (ask: string, file: WorkflowFile, purpose?: Purpose) => Promise<Session | undefined>;
  readonly open: (session: Session, file: WorkflowFile) => Promise<void>;
  readonly queueing: Pick<Queueing, 'queue'>;
  readonly queueMany: (file: WorkflowFile, session: Session) => Promise<void>;
  readonly exportApi: (file: WorkflowFile) => Promise<void>;
  readonly check: (file: WorkflowFile) => Promise<void>;
  readonly readingFile: ReadingFile;
  /** A session that can still be used. */
  readonly sessionOf: (id: SessionId) => Session | undefined;
}

/** Commands that send workflows from files to sessions. */
export function workflowCommands(
  context: WorkflowContext,
): Pick<
  CommandHandlers,
  | 'openWorkflow'
  | 'queueWorkflow'
  | 'queueAgain'
  | 'queueCheapest'
  | 'queueMany'
  | 'extractWorkflow'
  | 'exportApi'
  | 'checkWorkflow'
> {
  return {
    async openWorkflow(target) {
      const carrier = carrierOf(target);
      const file = await carriedOrFile(context, carrier, target, l10n.t('Open which workflow?'));
      if (!file || !context.isDrawable(file)) return;
      const session = await sessionFor(context, carrier, file, l10n.t('Open {0} in which session?', file.name));
      if (session) await context.open(session, file);
    },
    queueWorkflow: (target) => queue(context, carrierOf(target), target, 'run'),
    queueAgain: async (target) => queue(context, carrierFor(target), target, 'run'),
    queueCheapest: (target) => queue(context, carrierOf(target), target, 'cheapest'),
    async queueMany(target) {
      const carrier = carrierOf(target);
      const file = await carriedOrFile(context, carrier, target, l10n.t('Queue which workflow?'));
      const session =
        file && (await sessionFor(context, carrier, file, l10n.t('Queue {0} in which session?', file.name), 'run'));
      if (session) await context.queueMany(file, session);
    },
    async extractWorkflow(target) {
      const { uri, name, workflow } = await readCarrier(carrierFor(target), context);
      const kind = workflow.graph ? 'workflow' : 'api';
      const base = safeName(name.replace(/\.[^.]*$/, ''));
      await writeBeside(uri, `${base}.${kind}.json`, stableWorkflow(workflow.graph ?? workflow.prompt));
    },
    exportApi: (target) => withFile(context, target, l10n.t('Export which workflow?'), context.exportApi),
    checkWorkflow: (target) => withFile(context, target, l10n.t('Check which workflow?'), context.check),
  };
}

async function withFile(
  context: WorkflowContext,
  target: unknown,
  ask: string,
  work: (file: WorkflowFile) => Promise<void>,
): Promise<void> {
  const file = await fileFor(context, target, ask);
  if (file) await work(file);
}

async function queue(
  context: WorkflowContext,
  carrier: Carrier | undefined,
  target: unknown,
  purpose: Purpose,
): Promise<void> {
  const file = await carriedOrFile(context, carrier, target, l10n.t('Queue which workflow?'));
  if (file) await context.queueing.queue(file, (ask) => sessionFor(context, carrier, file, ask, purpose));
}

function carriedOrFile(
  context: WorkflowContext,
  carrier: Carrier | undefined,
  target: unknown,
  ask: string,
): Promise<WorkflowFile | undefined> {
  return carrier ? readCarrier(carrier, context) : fileFor(context, target, ask);
}

/** A file that was just made in a session goes to that session again, if it still exists. */
async function sessionFor(
  { sessionOf, sessionFor: choose }: WorkflowContext,
  carrier: Carrier | undefined,
  file: WorkflowFile,
  ask: string,
  purpose?: Purpose,
): Promise<Session | undefined> {
  return (carrier?.madeIn === undefined ? undefined : sessionOf(carrier.madeIn)) ?? choose(ask, file, purpose);
}

/** @throws {ApiError} if the command is not about a picture, video or audio file. */
function carrierFor(target: unknown): Carrier {
  const carrier = carrierOf(target);
  if (carrier) return carrier;
  throw new ApiError(
    'refused',
    l10n.t('Open a picture, video or sound made by ComfyUI, or choose one in the Explorer.'),
  );
}

/**
 * The file that a command is about: the one it was called on, the one in the editor, or one that the user picks.
 * @throws {ApiError} if it is not a workflow.
 */
export async function fileFor(
  { files, clock }: Pick<WorkflowContext, 'files' | 'clock'>,
  target: unknown,
  title: string,
): Promise<WorkflowFile | undefined> {
  if (target instanceof vscode.Uri) return readOrRefuse(target, clock);
  const edited = vscode.window.activeTextEditor?.document.uri;
  const inEditor = edited && (await readWorkflowFile(edited, clock));
  if (inEditor) return inEditor;
  if (edited) await refuseOtherEncoding(edited, clock);
  const broken = edited && (await brokenText(edited));
  const { known } = files;
  if (known.length === 0)
    throw new ApiError(
      'refused',
      broken ??
        l10n.t(
          'No ComfyUI workflow is open, and none was found in this workspace. A workflow is a .json file saved or exported from ComfyUI.',
        ),
    );
  const choices = byPath(known).map((uri) => ({
    value: uri,
    label: nameOf(uri),
    description: vscode.workspace.asRelativePath(uri),
  }));
  const placeholder = broken === undefined ? l10n.t('Choose a file') : `${broken} ${l10n.t('Choose another file')}`;
  const chosen = await pick({ title, placeholder, choices });
  return chosen instanceof vscode.Uri ? readOrRefuse(chosen, clock) : undefined;
}

/** @throws {ApiError} if it is not a workflow. */
export async function readOrRefuse(uri: vscode.Uri, clock: Clock): Promise<WorkflowFile> {
  const file = await readWorkflowFile(uri, clock);
  if (file) return file;
  await refuseOtherEncoding(uri, clock);
  throw new ApiError(
    'refused',
    l10n.t(
      "{0} isn't a ComfyUI workflow, or can't be read: it contains neither a graph (nodes and links) nor a prompt in API format.",
      nameOf(uri),
    ),
  );
}

/** @throws {ApiError} for a workflow whose text would change by reading it. */
async function refuseOtherEncoding(uri: vscode.Uri, clock: Clock): Promise<void> {
  if (!(await isInOtherEncoding(uri, clock))) return;
  throw new ApiError(
    'refused',
    l10n.t(
      "{0} isn't encoded in UTF-8, so some of its characters would be lost. Nothing was sent. Reopen it in VS Code with its encoding, save it with UTF-8, and try again.",
      nameOf(uri),
    ),
  );
}

/** Why the JSON in the editor cannot be used: `cat cannot be read: its JSON is wrong in line 12.` */
async function brokenText(uri: vscode.Uri): Promise<string | undefined> {
  const text = textInEditor(uri);
  if (text === undefined || !/\.json$/i.test(uri.path)) return undefined;
  const { brokenLineOf } = await import('../places');
  const line = brokenLineOf(text.replace(/^\ufeff/, ''));
  if (line === undefined) return l10n.t("{0} isn't a ComfyUI workflow.", nameOf(uri));
  return l10n.t("{0} can't be read: its JSON is wrong in line {1}.", nameOf(uri), line);
}
