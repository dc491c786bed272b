import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { ApiError } from '../../platform/errors';
import type { Web } from '../../comfyui/client';
import { Prompts } from '../../comfyui/prompts';
import type { OutputFile } from '../../comfyui/outputs';
import { PromptRefused, type NodeProblem } from '../../comfyui/refusal';
import { graphWithInputs } from '../inputFiles';
import type { MemoryTaken } from '../memoryTaken';
import { QUEUED_PROMPTS, type QueuedPrompt } from '../queuedPrompts';
import type { RenderingListener } from '../rendering';
import { WorkInHand } from '../workInHand';
import { noteMemory, type Followed, type Following } from './following';
import type { Outcome } from '../outcome';
import type { Prompt } from '../../comfyui/workflow';
import { pageOf, type Session, type SessionId } from '../../comfydeploy/model';
import {
  leftOutText,
  missingInputsText,
  notNodesText,
  outcomeText,
  percentOf,
  problemOfFailure,
  refusalText,
  sessionEndedText,
  stageText,
  type Ended,
} from '../queueText';
import { sessionTitle } from '../../sessions/sessionText';
import { failing } from '../../platform/failureText';
import type { Memory } from '../../platform/memory';
import { findSession, type Snapshot } from '../../sessions/snapshot';
import type { Store } from '../../sessions/store';
import type { ActivityMonitor } from '../../activity/activityMonitor';
import type { OutputFiles } from '../../outputs/ui/outputFiles';
import { withLateProgress } from '../../platform/ui/pick';
import { fail, inform, warn, type Show } from '../../platform/ui/shown';
import type { Converting } from './converting';
import { isMissing, type InputUploads } from './inputUploads';
import { nameOf, readWorkflowFile, type WorkflowFile } from './workflowFile';
import { WorkflowProblems } from './workflowProblems';

export interface QueueingInput {
  readonly snapshot: Snapshot;
}

export interface QueueingContext {
  readonly web: Web;
  readonly appState: () => QueueingInput;
  readonly store: Pick<Store, 'snapshot' | 'follows'>;
  readonly monitor: Pick<ActivityMonitor, 'lookAt'>;
  readonly following: Pick<Following, 'follow'>;
  /** Of this window's workspace. */
  readonly workspaceMemory: Memory;
  readonly converting: Pick<Converting, 'promptFor'>;
  readonly inputs: Pick<InputUploads, 'sent'>;
  readonly outputFiles: Pick<OutputFiles, 'openOutput' | 'saveOutputFiles' | 'saveBeside'>;
  readonly taken: Pick<MemoryTaken, 'note'>;
  readonly report: (error: unknown) => void;
}

/** Queues workflows from files in sessions: follows them in a notification, and shows their problems in the file. */
export class Queueing implements vscode.Disposable {
  readonly #problems = new WorkflowProblems('ComfyUI');
  readonly #queued: WorkInHand<QueuedPrompt>;

  constructor(private readonly context: QueueingContext) {
    this.#queued = new WorkInHand(context.workspaceMemory, QUEUED_PROMPTS);
  }

  /**
   * Resolves when it has ended, in whatever way. If a session was started for it, its outputs are saved.
   * @param choose a session to queue it in, once it is known that it can be; undefined if the user walks away.
   * @throws {ApiError} if it could not be queued, or if that is unknown, and an `AbortError` if the user gives up.
   */
  async queue(file: WorkflowFile, choose: (ask: string) => Promise<Session | undefined>): Promise<void> {
    const { snapshot } = this.context.appState();
    const session = await choose(l10n.t('Queue {0} in which session?', file.name));
    if (!session) return;
    const isSaved = !findSession(snapshot, session.id);
    const { graph } = file.workflow;
    const { converting, inputs, report } = this.context;
    const written = file.workflow.prompt ?? (await converting.promptFor(session, file));
    const sent = await inputs.sent(session, file, written);
    if (!sent) return;
    if (isMissing(sent)) {
      this.#blame(file, sent, fail, missingInputsText(file.name, sent)).catch(report);
      return;
    }
    await this.#queue(session, file, { prompt: sent, graph: graph && graphWithInputs(graph, written, sent), isSaved });
  }

  dispose(): void {
    this.#problems.dispose();
  }

  /** Follows what was queued before this window was reloaded, once the state of the sessions is known. */
  resume(): void {
    const { store, report } = this.context;
    for (const one of this.#queued.due(store))
      this.#resume(one, findSession(store.snapshot, one.sessionId)).catch(report);
  }

  async #resume(queued: QueuedPrompt, session: Session | undefined): Promise<void> {
    const uri = vscode.Uri.parse(queued.file, true);
    const name = nameOf(uri);
    if (!session) {
      await this.#queued.drop(queued.promptId);
      return notice(warn, sessionEndedText({ name }));
    }
    const workflow = { graph: undefined, prompt: {}, leftOut: [] };
    const file = (await readWorkflowFile(uri, this.context.web.clock)) ?? { uri, name, text: '', workflow };
    const { prompt = {}, graph } = file.workflow;
    await this.#queue(session, file, { prompt, graph, isSaved: queued.isSaved === true }, queued);
  }

  async #queue(session: Session, file: WorkflowFile, job: Job['job'], sent?: QueuedPrompt): Promise<void> {
    const url = pageOf(session);
    if (url === undefined) throw new ApiError('refused', l10n.t('This session is not ready yet. Wait until it is.'));
    this.#problems.clear(file.uri);
    const { appState, web } = this.context;
    const { clock } = web;
    const names = { name: file.name, session: sessionTitle(session, appState().snapshot) };
    const began = sent?.at ?? clock.now();
    const prompts = new Prompts(url, web);
    // It is not known yet whether it renders.
    const title = l10n.t({
      message: '{0} on {1}',
      args: [names.name, names.session],
      comment: ['{0} is a GPU, {1} a machine', '{0} is a workflow, {1} a session'],
    });
    const run = await withLateProgress(clock, title, async (cancelled, say) => ({
      outcome: await this.#follow({ prompts, job, id: session.id, file, sent }, cancelled, say),
      isCancelled: cancelled.aborted,
    }));
    if (run.outcome === 'closed') return;
    void this.context.monitor.lookAt(session.id).catch(() => undefined); // its row follows a little later
    const ended = { ...names, isCancelled: run.isCancelled, waited: Math.max(0, clock.now() - began) };
    void noteMemory(this.context, run.outcome, session, job);
    this.#announce(run.outcome, ended, { id: session.id, file, job }).catch(this.context.report);
  }

  async #follow(
    { prompts, job, id, file, sent }: Job,
    cancelled: AbortSignal,
    say: (message: string, increment?: number) => void,
  ): Promise<Followed> {
    const progress = sayer(say);
    let promptId = sent?.promptId;
    const listener: RenderingListener = {
      sending: async (ids) => {
        promptId = ids.promptId;
        const at = this.context.web.clock.now();
        await this.#queued.keep({ ...ids, sessionId: id, file: file.uri.toString(), at, isSaved: job.isSaved });
      },
      progress: (stage, isSilent) => progress(stageText(stage, isSilent), percentOf(stage)),
      asking: () => say(l10n.t('asking whether it was queued')),
      accepted: (problems) => this.#accepted(id, file, problems),
      notCancelled: this.context.report,
    };
    let outcome: Followed = 'closed';
    try {
      return (outcome = await this.context.following.follow(id, { prompts, job, sent, cancelled, listener }));
    } catch (error) {
      outcome = 'sessionEnded'; // whatever the reason, nobody follows it any more
      throw failing(l10n.t('Queueing {0}', file.name), error);
    } finally {
      if (promptId !== undefined && outcome !== 'closed') await this.#queued.drop(promptId);
    }
  }

  #accepted(id: SessionId, file: WorkflowFile, problems: readonly NodeProblem[]): void {
    void vscode.commands.executeCommand('setContext', 'comfydeploy.queued', true); // a step of the walkthrough
    void this.context.monitor.lookAt(id).catch(() => undefined); // its row follows a little later
    const { leftOut } = file.workflow;
    if (leftOut.length > 0) notice(inform, notNodesText(file.name, leftOut)).catch(this.context.report);
    if (problems.length === 0) return;
    this.#blame(file, problems, warn, leftOutText(file.name, problems)).catch(this.context.report);
  }

  async #announce(
    outcome: Outcome | PromptRefused | 'sessionEnded',
    ended: Ended,
    { id, file, job }: Pick<Job, 'id' | 'file' | 'job'>,
  ): Promise<void> {
    if (outcome === 'sessionEnded') return notice(warn, sessionEndedText(ended));
    if (outcome instanceof PromptRefused) {
      const { message, problems } = outcome;
      return this.#blame(file, problems, fail, refusalText(file.name, message, problems));
    }
    const text = outcomeText(outcome, ended);
    if (outcome.kind === 'failed') return this.#blame(file, problemOfFailure(outcome.failure), fail, text);
    if (outcome.kind === 'done' && outcome.files.length > 0 && job.isSaved)
      return this.context.outputFiles.saveBeside(id, outcome.files, file.uri);
    if (outcome.kind === 'done') return this.#offerOutputs(id, outcome.files, text);
    return notice(outcome.kind === 'lost' ? warn : inform, text);
  }

  async #blame(file: WorkflowFile, problems: readonly NodeProblem[], show: Show, text: string): Promise<void> {
    const isPlaced = problems.length > 0 && (await this.#problems.set(file, problems));
    const showProblem = l10n.t('Show Problem');
    const chosen = await show(text, ...(isPlaced ? [showProblem] : []));
    if (chosen === showProblem) await this.#problems.show(file.uri);
  }

  async #offerOutputs(id: SessionId, files: readonly OutputFile[], text: string): Promise<void> {
    const { outputFiles } = this.context;
    const [first] = files;
    const [open, save] = [l10n.t('Open'), l10n.t('Save to Workspace…')];
    const chosen = await inform(text, ...(first ? [open, save] : []));
    if (chosen === open && first) await outputFiles.openOutput(id, first);
    if (chosen === save) await outputFiles.saveOutputFiles(id, files);
  }
}

interface Job {
  readonly prompts: Prompts;
  readonly job: {
    readonly prompt: Prompt;
    readonly graph: WorkflowFile['workflow']['graph'];
    readonly isSaved: boolean;
  };
  readonly id: SessionId;
  readonly file: WorkflowFile;
  readonly sent: QueuedPrompt | undefined;
}

/** Reports changes only; the progress bar appears with the first percent. */
function sayer(say: (message: string, increment?: number) => void): (text: string, percent: number) => void {
  let [last, shown] = ['', 0];
  return (text, percent) => {
    if (text === last) return;
    say(text, percent > shown ? percent - shown : undefined);
    [last, shown] = [text, Math.max(shown, percent)];
  };
}

async function notice(show: Show, text: string): Promise<void> {
  await show(text);
}
