import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import type { KeptWorkflow, Version, WorkflowId } from '../../comfydeploy/library';
import type { LibraryClient } from '../../comfydeploy/libraryClient';
import type { Session } from '../../comfydeploy/model';
import type { Graph, Prompt } from '../../comfyui/workflow';
import { ApiError, asSentence, isAbort, toApiError } from '../../platform/errors';
import { Slices } from '../../platform/slices';
import { choose, confirm, withLateProgress } from '../../platform/ui/pick';
import { inform, note, warn } from '../../platform/ui/shown';
import { moreText } from '../../platform/language';
import { digestOfWork, withOrigin, type Origin } from '../origin';
import { unstorableIn } from '../unstorable';
import { unstorableText, versionText } from '../versionText';
import { askFor, askForComment } from './askingFor';
import { compareSides, linesFor, type ComparingContext } from './comparing';
import type { InStep } from './inStep';
import { chooseWorkflow, formsOf, NEW, newestOf, type SidesContext } from './sides';

export interface SavingVersionsContext extends ComparingContext, Pick<SidesContext, 'appState'> {
  readonly library: Pick<LibraryClient, 'list' | 'named' | 'versions' | 'version' | 'create' | 'addVersion'>;
  readonly step: Pick<InStep, 'note' | 'learn'>;
  readonly machineName: (session: Session) => string | undefined;
  /** Comments that were typed for versions that could not be saved, or were not. */
  readonly comments: Map<WorkflowId, string>;
}

/** What is saved, in both forms. */
export interface Saved {
  readonly name: string;
  /** What the user reads, if it has no name of its own. */
  readonly label?: string;
  readonly graph: Graph;
  readonly prompt: Prompt;
  /** The file that it was read from, and its version. */
  readonly file?: vscode.Uri;
  readonly origin?: Origin | undefined;
  /** The session whose page shows it. */
  readonly session?: Session;
}

const labelOf = ({ name, label = name }: Saved): string => label;

const NOTE_FOR = 5_000;
const MOST_LINES = 8;
/** Versions among which one is looked for whose answer was lost. */
const LOOKED_AT = 3;

/** Saves a version of a workflow, or a new workflow. Undefined if the user cancels. @throws {ApiError} */
export async function saveVersion(context: SavingVersionsContext, given: Saved): Promise<Origin | undefined> {
  const saved = { ...given, graph: withOrigin(given.graph, undefined) };
  const changed = checked(saved);
  const title = l10n.t('Save {0} on ComfyDeploy', labelOf(saved));
  const another = { value: NEW, icon: 'add', label: l10n.t('New Workflow…'), description: '' } as const;
  const chosen = await chooseWorkflow(context, title, [another], saved.origin?.workflow);
  if (chosen === undefined) return undefined;
  if (chosen === NEW) return create(context, saved, changed, title);
  const added = await add(context, saved, chosen, { title, changed });
  return added && done(context, saved, chosen.id, added);
}

/** What the database would change, in words. @throws {ApiError} for what it would refuse. */
function checked({ name, graph, prompt }: Saved): string {
  const all = [...unstorableIn(graph), ...unstorableIn(prompt)];
  // What a drawn node has is in the API form, too.
  const found = [...new Map(all.map((one) => [unstorableText([one]), one])).values()];
  const refused = found.filter(({ becomes }) => becomes === undefined);
  if (refused.length > 0)
    throw new ApiError(
      'refused',
      l10n.t("ComfyDeploy's database refuses what {0} contains: {1}. Nothing was sent.", name, unstorableText(refused)),
    );
  return found.length === 0 ? '' : l10n.t('ComfyDeploy will change: {0}.', unstorableText(found));
}

type Numbered = Pick<Version, 'id' | 'number'>;

interface Additions {
  readonly title: string;
  readonly changed: string;
}

/** Asks until nothing has changed on the server between question and answer. Undefined if the user cancels. */
async function add(
  context: SavingVersionsContext,
  saved: Saved,
  workflow: KeptWorkflow,
  { title, changed }: Additions,
): Promise<Numbered | undefined> {
  const { library, clock, comments } = context;
  const { name, session } = saved;
  const digest = await digestOfWork(saved, new Slices(clock));
  for (let comment: string | undefined; ;) {
    const newest = await newestOf(library, workflow.id);
    if ((await digestOf(context, newest)) === digest) {
      void inform(l10n.t('{0} is the same as version {1} of {2} already.', name, newest.number, workflow.name));
      return newest;
    }
    comment ??= await askForComment(title, comments.get(workflow.id));
    if (comment === undefined) return undefined;
    comments.set(workflow.id, comment);
    const machine = session && context.machineName(session);
    const [save, withMachine, compare] = [l10n.t('Save'), l10n.t('Save with Machine…'), l10n.t('Compare')];
    const news = await since(context, saved, workflow.id, newest);
    const answer = await choose(
      l10n.t('Save {0} as version {1} of {2}?', labelOf(saved), newest.number + 1, workflow.name),
      [...news, changed].join('\n'),
      ...[save, ...(machine === undefined ? [] : [withMachine]), ...(newest.number > 0 ? [compare] : [])],
    );
    if (answer === compare) await compareWith(context, saved, newest);
    if (answer === undefined || answer === compare) return undefined;
    if (answer === withMachine && !(await isAgreed(machine ?? '', workflow.name))) return undefined;
    if ((await newestOf(library, workflow.id)).id !== newest.id) continue;
    const machineId = answer === save ? undefined : session?.machineId;
    const added = await post(context, saved, workflow, {
      comment: comment || undefined,
      machineId,
      digest,
      before: newest.number,
    });
    comments.delete(workflow.id);
    note(l10n.t('Saved as version {0} of {1}', added.number, workflow.name), NOTE_FOR);
    return added;
  }
}

function isAgreed(machine: string, workflow: string): Promise<boolean> {
  return confirm(
    l10n.t('Save it with {0}?', machine),
    l10n.t('{0} becomes the machine of {1}, and its preview deployment moves to this version.', machine, workflow),
    l10n.t('Save with Machine'),
  );
}

function compareWith(context: SavingVersionsContext, { name, graph, prompt }: Saved, newest: Version): Promise<void> {
  const [theirs, ours] = [formsOf(newest), { graph, prompt }];
  return compareSides(
    context,
    { name: versionText(newest.number), read: () => Promise.resolve(theirs) },
    { name, read: () => Promise.resolve(ours) },
  );
}

/** What others have saved since the version that the file came from. */
async function since(
  context: SavingVersionsContext,
  { origin }: Saved,
  workflow: WorkflowId,
  newest: Version,
): Promise<readonly string[]> {
  if (origin?.workflow !== workflow || origin.id === newest.id) return [];
  const { library, clock } = context;
  const title = l10n.t('Comparing {0}', versionText(newest.number));
  const lines = await withLateProgress(clock, title, async (signal) => {
    const before = formsOf(await library.version(origin.id, signal));
    return linesFor(context, [before, formsOf(newest)], signal);
  });
  const rest = lines.length - MOST_LINES;
  return [
    l10n.t('On ComfyDeploy since version {0}, and not in what you save:', origin.version),
    ...lines.slice(0, MOST_LINES),
    ...(rest > 0 ? [moreText(rest)] : []),
  ];
}

interface Posted {
  readonly comment: string | undefined;
  readonly machineId: Session['machineId'] | undefined;
  readonly digest: string;
  /** The newest version until now. */
  readonly before: number;
}

/** Sent once: if the answer is lost, the version is looked for. @throws {ApiError} */
async function post(
  context: SavingVersionsContext,
  { graph, prompt }: Saved,
  workflow: KeptWorkflow,
  { digest, before, ...more }: Posted,
): Promise<Numbered> {
  const { library, clock } = context;
  const newest = async () => (await library.versions(workflow.id, { offset: 0, limit: LOOKED_AT })).rows;
  try {
    const added = await withLateProgress(clock, l10n.t('Saving {0}', workflow.name), (signal) =>
      library.addVersion(workflow.id, { graph, prompt, ...more }, signal),
    );
    const rows = await newest().catch(() => []);
    const others = rows.filter(({ id, number }) => number > before && id !== added.id);
    const { name } = workflow;
    if (others.some(({ number }) => number === added.number))
      void warn(l10n.t('Somebody else saved {0} at the same moment: there are two versions {1}.', name, added.number));
    else if (added.number > before + 1)
      void warn(
        l10n.t('Somebody else saved version {0} of {1} meanwhile. Yours lacks what is new there.', before + 1, name),
      );
    return added;
  } catch (error) {
    if (isAbort(error)) void warn(unknownText(workflow.name)); // it may have arrived all the same
    if (!toApiError(error).outcomeUnknown) throw notSaved(workflow.name, error);
    const rows = await newest().catch((cause: unknown) => {
      throw unknown(workflow.name, cause);
    });
    for (const row of rows) if (row.number > before && (await digestOf(context, row)) === digest) return row;
    throw error;
  }
}

function unknown(name: string, cause: unknown): ApiError {
  return new ApiError('offline', unknownText(name), { cause });
}

function unknownText(name: string): string {
  return l10n.t('Whether {0} was saved is not known. Saving again looks for it first.', name);
}

/** What the server says names neither what it refused nor that nothing was changed. */
function notSaved(name: string, error: unknown): unknown {
  if (isAbort(error)) return error;
  const { kind, message } = toApiError(error);
  return new ApiError(kind, l10n.t('{0} was not saved. {1}', name, asSentence(message)), { cause: error });
}

async function digestOf({ clock }: SavingVersionsContext, version: Version): Promise<string | undefined> {
  try {
    return await digestOfWork(formsOf(version), new Slices(clock));
  } catch {
    return undefined; // no workflow, so it is another one
  }
}

async function create(
  context: SavingVersionsContext,
  saved: Saved,
  changed: string,
  title: string,
): Promise<Origin | undefined> {
  const { library, clock } = context;
  const name = await askFor(title, l10n.t('The name of the new workflow'), { value: saved.name, label: saved.name });
  if (name === undefined || name === '') return undefined;
  const known = await library.named(name);
  const details = [known.length > 0 ? l10n.t('There is a workflow {0} already.', name) : '', changed].filter(Boolean);
  const question = l10n.t('Save {0} as a new workflow?', name);
  if (details.length > 0 && !(await confirm(question, details.join('\n'), l10n.t('Save')))) return undefined;
  const id = await withLateProgress(clock, l10n.t('Saving {0}', name), (signal) =>
    library.create(name, saved, signal),
  ).catch(async (error: unknown) => {
    if (isAbort(error)) void warn(unknownText(name));
    if (!toApiError(error).outcomeUnknown) throw notSaved(name, error);
    const now = await library.named(name).catch((cause: unknown) => {
      throw unknown(name, cause);
    });
    const found = now.find((one) => !known.includes(one));
    if (found) return found;
    throw error;
  });
  note(l10n.t('Saved as the new workflow {0}', name), NOTE_FOR);
  const first = await newestOf(library, id).catch(() => undefined); // it was saved; the next push finds that out
  return first && done(context, saved, id, first);
}

async function done(
  { step, clock }: SavingVersionsContext,
  saved: Saved,
  workflow: WorkflowId,
  version: Numbered,
): Promise<Origin> {
  const origin = {
    workflow,
    version: version.number,
    id: version.id,
    digest: await digestOfWork(saved, new Slices(clock)),
  };
  if (saved.file) await step.note(saved.file, origin);
  else step.learn(workflow, version);
  return origin;
}
