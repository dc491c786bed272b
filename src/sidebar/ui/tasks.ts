import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Session } from '../../comfydeploy/model';
import type { Web } from '../../comfyui/client';
import { Prompts } from '../../comfyui/prompts';
import { PromptRefused } from '../../comfyui/refusal';
import type { OutputFiles } from '../../outputs/ui/outputFiles';
import { addressOf } from '../../page/ui/opening';
import { ApiError } from '../../platform/errors';
import { listText } from '../../platform/language';
import type { Memory } from '../../platform/memory';
import { startable } from '../../sessions/builds';
import { sessionTitle } from '../../sessions/sessionText';
import { gpuMenu, isOffered } from '../../spending/menus';
import { graphWithInputs } from '../../workflows/inputFiles';
import { newSeeds, seedsOf, variablesOf, withSettings, type Settings } from '../../workflows/manyRuns';
import {
  missingInputsText,
  outcomeText,
  percentOf,
  problemOfFailure,
  refusalText,
  sessionEndedText,
  stageText,
} from '../../workflows/queueText';
import { forecastText } from '../../workflows/manyText';
import type { RenderingListener } from '../../workflows/rendering';
import type { Checking } from '../../workflows/ui/checking';
import type { Converting } from '../../workflows/ui/converting';
import type { Following } from '../../workflows/ui/following';
import { isMissing, type InputUploads } from '../../workflows/ui/inputUploads';
import { timeOfRun } from '../../workflows/ui/queueingMany';
import type { WorkflowFile } from '../../workflows/ui/workflowFile';
import { findPlaces, type ShownProblem } from '../../workflows/ui/workflowProblems';
import { AgreedTasks } from '../agreedTasks';
import { draftText, type WholeDraft } from '../draftText';
import { machineNamed } from '../startable';
import { problemLine, readTask, unusable, type TaskDefinition } from '../taskDefinition';
import type { CreateFlow } from './createCommands';
import type { RunTask } from './handedIn';
import { untilRead, type ReadStore } from './links';
import { refuseUnwritable, uriOf, workflowIn } from './taskFiles';
import { TaskSessions, type TaskSessionsContext } from './taskSessions';
import { CANCELLED, DONE, FAILED, TaskTerminal, type SayLine } from './taskTerminal';

/** What is done with a workflow file. */
export interface WorkflowTools {
  readonly checking: Pick<Checking, 'problemsOn'>;
  readonly converting: Pick<Converting, 'promptFor' | 'withChoices'>;
  readonly inputs: Pick<InputUploads, 'sent'>;
  readonly following: Pick<Following, 'follow'>;
  readonly outputFiles: Pick<OutputFiles, 'saveInto'>;
}

export interface TaskContext extends TaskSessionsContext {
  readonly web: Web;
  readonly store: ReadStore;
  readonly creating: Pick<CreateFlow, 'lookAtMoney' | 'startWithin'>;
  readonly tools: WorkflowTools;
  /** Of this workspace. */
  readonly memory: Memory;
}

/** Names of machines in a message. */
const MOST_NAMED = 10;
/** Percent between two lines. */
const STEP = 10;

/** Runs a task: queues a workflow, in a session that runs or in one that it starts, and saves what it renders. */
export function tasksOf(context: TaskContext): RunTask {
  const { clock } = context.web;
  const sessions = new TaskSessions(context);
  return (definition, folder) =>
    new TaskTerminal(
      (say, gone) => new WorkflowTask({ ...context, sessions }, folder, say, gone).run(definition),
      clock,
    );
}

class WorkflowTask {
  /** Something rendered could not be saved, so its session is not ended. */
  #isUnsaved = false;

  constructor(
    private readonly context: TaskContext & { readonly sessions: TaskSessions },
    private readonly folder: vscode.Uri | undefined,
    private readonly say: SayLine,
    private readonly cancelled: AbortSignal,
  ) {}

  /** @returns the exit code. @throws {ApiError}, or an `AbortError`. */
  async run(given: unknown): Promise<number> {
    if (!vscode.workspace.isTrusted)
      throw new ApiError('refused', l10n.t('Tasks run only in a workspace that you trust.'));
    const { web, store, sessions } = this.context;
    const task = readTask(given);
    const file = await workflowIn(uriOf(task.workflow, this.folder), web.clock);
    const into = this.#folderOf(task, file);
    await refuseUnwritable(into, web.random);
    await untilRead(store);
    const joined = await sessions.join(task, () => this.#started(task, file));
    if (typeof joined === 'number') return joined;
    try {
      return await this.#render(joined.session, { file, into }, task);
    } finally {
      const leaving = { isUnsaved: this.#isUnsaved, isCancelled: this.cancelled.aborted };
      await sessions.leave(joined, leaving, task, this.say);
    }
  }

  #folderOf({ saveTo }: TaskDefinition, { uri }: WorkflowFile): vscode.Uri {
    return saveTo === undefined ? vscode.Uri.joinPath(uri, '..') : uriOf(saveTo, this.folder);
  }

  async #started(task: TaskDefinition, file: WorkflowFile): Promise<Session | number> {
    const { appState, creating, tools, memory } = this.context;
    await creating.lookAtMoney();
    const { snapshot, prices } = appState();
    const machines = startable(snapshot);
    const only = machines.length === 1 && task.machine === undefined ? machines[0] : undefined;
    const machine = only ?? machineNamed(machines, task.machine);
    this.cancelled.throwIfAborted();
    if (!machine) throw unusable('machine', listText(machines.slice(0, MOST_NAMED).map(({ name }) => name)));
    const gpu = task.gpu ?? machine.gpu;
    if (gpu === undefined || !isOffered(machine, gpu, prices))
      throw unusable('gpu', listText(gpuMenu(machine, prices).map(({ value }) => value)));
    const wrong = (await tools.checking.problemsOn(file, machine)) ?? [];
    await this.#blame(file, wrong);
    if (wrong.some(({ severity }) => severity === 'error')) return FAILED;
    const draft: WholeDraft = { machine, gpu, length: task.minutes ?? 'lease' };
    const price = prices?.get(gpu);
    const known = new AgreedTasks(memory);
    const seen = [task, file.uri.toString(), machine.id, draft.gpu, price, scopeOf(snapshot)];
    const { isAgreed, keep } = await known.of(seen);
    this.say(draftText(draft, price));
    const session = await creating.startWithin(draft, isAgreed && price !== undefined, (title, work) => {
      this.say(title);
      return work(this.cancelled, this.say);
    });
    if (!session) return CANCELLED;
    await keep();
    return session;
  }

  async #render(
    session: Session,
    { file, into }: Pick<Run, 'file' | 'into'>,
    { count }: Pick<TaskDefinition, 'count'>,
  ): Promise<number> {
    const { converting, inputs } = this.context.tools;
    const { graph, prompt } = file.workflow;
    const written = prompt ?? (await converting.promptFor(session, file));
    const sent = await inputs.sent(session, file, written);
    if (!sent) return CANCELLED;
    if (isMissing(sent)) return this.#failed(file, sent, missingInputsText(file.name, sent));
    const { snapshot, now, prices, preferencesOf } = this.context.appState();
    const title = sessionTitle(session, snapshot);
    this.say(
      l10n.t({
        message: '{0} on {1}',
        args: [file.name, title],
        comment: ['{0} is a GPU, {1} a machine', '{0} is a workflow, {1} a session'],
      }),
    );
    if (count > 1) {
      const took = await timeOfRun(session, sent, this.context.web, this.cancelled);
      const left = 'endsAt' in session && !preferencesOf(session.id).lease ? session.endsAt - now : undefined;
      this.say(forecastText({ count, took, price: prices?.get(session.gpu), left, excess: undefined }));
    }
    const seeds = seedsOf(variablesOf(sent));
    const seeded = newSeeds(seeds, count, this.context.web.random);
    const runs: readonly Settings[] = count > 1 ? await converting.withChoices(session, file, seeded) : [[]];
    for (const set of runs) {
      const job = { prompt: withSettings(sent, set), graph: graph && graphWithInputs(graph, written, sent) };
      const code = await this.#run(session, { file, title, job, into });
      if (code !== DONE) return code;
    }
    return DONE;
  }

  async #run(session: Session, { file, title, job, into }: Run): Promise<number> {
    const { web, tools } = this.context;
    const { name } = file;
    const began = web.clock.now();
    const prompts = new Prompts(addressOf(session), web);
    const listener = this.#listener(file);
    const cancelled = AbortSignal.any([this.cancelled]); // forgotten after this run, with whoever listens to it
    const sending = { prompts, job, sent: undefined, cancelled, listener };
    const outcome = await tools.following.follow(session.id, sending);
    if (outcome === 'closed') return FAILED;
    if (outcome === 'sessionEnded') return this.#failed(file, [], sessionEndedText({ name, session: title }));
    if (outcome instanceof PromptRefused)
      return this.#failed(file, outcome.problems, refusalText(name, outcome.message, outcome.problems));
    const ended = { name, session: title, isCancelled: cancelled.aborted, waited: web.clock.now() - began };
    const text = outcomeText(outcome, ended);
    if (outcome.kind === 'failed') return this.#failed(file, problemOfFailure(outcome.failure), text);
    this.say(text);
    if (outcome.kind === 'done') await this.#save(session, outcome.files, into, cancelled);
    if (cancelled.aborted) return CANCELLED;
    return outcome.kind === 'done' ? DONE : FAILED;
  }

  #listener(file: WorkflowFile): RenderingListener {
    const { say } = this;
    let last = '';
    return {
      sending: () => Promise.resolve(),
      progress: (stage, isSilent) => {
        const node = stage.kind === 'running' ? stage.node : undefined;
        const step = `${stage.kind} ${Math.floor(percentOf(stage) / STEP)} ${isSilent} ${node}`;
        if (step !== last) say(stageText(stage, isSilent));
        last = step;
      },
      asking: () => say(l10n.t('asking whether it was queued')),
      accepted: (left) =>
        void this.#blame(
          file,
          left.map((problem) => ({ ...problem, severity: 'warning' })),
        ),
      notCancelled: ({ message }) => say(message),
    };
  }

  async #save({ id }: Session, ...[files, into, cancelled]: Saving) {
    this.#isUnsaved = true;
    const saved = await this.context.tools.outputFiles.saveInto(id, files, into, cancelled);
    this.#isUnsaved = false;
    for (const uri of saved) this.say(l10n.t('Saved {0}.', uri.fsPath));
  }

  async #failed(file: WorkflowFile, problems: readonly ShownProblem[], text: string): Promise<number> {
    await this.#blame(file, problems.length > 0 ? problems : [{ ...NOWHERE, message: text }]);
    if (problems.length > 0) this.say(text);
    return FAILED;
  }

  async #blame({ text, uri }: WorkflowFile, problems: readonly ShownProblem[]): Promise<void> {
    const places = await findPlaces(text, problems);
    problems.forEach((problem, index) => this.say(problemLine(uri.fsPath, places[index], problem)));
  }
}

type Saving = Parameters<OutputFiles['saveInto']> extends readonly [unknown, ...infer Rest] ? Rest : never;

interface Run {
  readonly file: WorkflowFile;
  /** Of the session. */
  readonly title: string;
  readonly job: Pick<Parameters<Following['follow']>[1]['job'], 'prompt' | 'graph'>;
  readonly into: vscode.Uri;
}

const NOWHERE = { nodeId: '', classType: undefined, input: undefined };

function scopeOf(snapshot: ReturnType<TaskContext['appState']>['snapshot']): string {
  return snapshot.kind === 'ready' ? snapshot.scope : '';
}
