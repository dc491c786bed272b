import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { pageOf, type Prices, type Session, type SessionId } from '../../comfydeploy/model';
import type { Web } from '../../comfyui/connection';
import { Names } from '../../comfyui/fileNames';
import type { OutputFile } from '../../comfyui/outputs';
import { Prompts } from '../../comfyui/prompts';
import { PromptRefused } from '../../comfyui/refusal';
import type { Graph, Prompt } from '../../comfyui/workflow';
import { toApiError } from '../../platform/errors';
import type { Memory } from '../../platform/memory';
import { withProgress } from '../../platform/ui/pick';
import { inform, warn } from '../../platform/ui/shown';
import { writeWhole } from '../../platform/ui/wholeFile';
import { sessionTitle } from '../../sessions/sessionText';
import { findSession, type Snapshot } from '../../sessions/snapshot';
import type { Store } from '../../sessions/store';
import { costOf } from '../../spending/cost';
import { withSettings } from '../manyRuns';
import { overText, type WhyOver } from '../manyText';
import type { MemoryTaken } from '../memoryTaken';
import { outcomeText, refusalText, stageText } from '../queueText';
import { longestRun, nextRun, RUN_PLANS, runsCsv, withRun, type PlannedRun, type RunPlan } from '../runPlans';
import { WorkInHand } from '../workInHand';
import { noteMemory, type Followed, type Following } from './following';
import { readWorkflowFile } from './workflowFile';

export interface RunningManyContext {
  readonly web: Web;
  readonly appState: () => {
    readonly snapshot: Snapshot;
    readonly prices: Prices | undefined;
    /** Server time, ms. */
    readonly now: number;
  };
  readonly store: Pick<Store, 'snapshot' | 'follows'>;
  readonly following: Pick<Following, 'follow'>;
  /** @throws {ApiError} */
  readonly read: (id: SessionId, file: OutputFile) => Promise<Uint8Array>;
  readonly taken: Pick<MemoryTaken, 'note'>;
  readonly workspaceMemory: Memory;
  readonly report: (error: unknown) => void;
}

/** The workflow of all the runs. */
export interface Job {
  readonly graph: Graph | undefined;
  readonly prompt: Prompt;
}

type Say = (message: string, increment?: number) => void;

/** In the folder of the runs. */
export const WORKFLOW = 'workflow.json';
const TABLE = 'runs.csv';
/** After so many failures in a row, the rest would fail too. */
const MOST_IN_A_ROW = 5;

/** Many runs, one after the other, so that the rest can be left out at no cost. */
export class RunningMany {
  readonly #plans: WorkInHand<RunPlan>;

  constructor(private readonly context: RunningManyContext) {
    this.#plans = new WorkInHand(context.workspaceMemory, RUN_PLANS);
  }

  /** Continues what was begun before this window was reloaded. */
  resume(): void {
    const { store, report } = this.context;
    for (const plan of this.#plans.due(store)) this.#resume(plan).catch(report);
  }

  /** Resolves when all are over, for any reason. Never rejects. */
  async run(plan: RunPlan, session: Session, job: Job): Promise<void> {
    try {
      await this.#plans.keep(plan);
      const title = l10n.t(
        '{0} on {1}: Cancel leaves out the rest',
        plan.name,
        sessionTitle(session, this.context.appState().snapshot),
      );
      const over = await withProgress(title, (cancelled, say) => this.#work(plan, session, job, cancelled, say));
      if (over) await this.#end(over.plan, over.why);
    } catch (error) {
      this.context.report(error);
    }
  }

  async #resume(plan: RunPlan): Promise<void> {
    const session = findSession(this.context.store.snapshot, plan.sessionId);
    const place = vscode.Uri.joinPath(vscode.Uri.parse(plan.folder, true), WORKFLOW);
    const file = session && (await readWorkflowFile(place, this.context.web.clock));
    const { prompt, graph } = file?.workflow ?? {};
    if (session && prompt) return this.run(plan, session, { graph, prompt });
    await this.#end(plan, session ? 'cancelled' : 'sessionEnded'); // its folder was removed
  }

  /** Undefined if this window is closed meanwhile: the next one continues. */
  async #work(
    started: RunPlan,
    session: Session,
    job: Job,
    cancelled: AbortSignal,
    say: Say,
  ): Promise<{ readonly plan: RunPlan; readonly why: WhyOver } | undefined> {
    let plan = started;
    let bad = 0;
    for (let index = nextRun(plan); index >= 0; index = nextRun(plan)) {
      const isSent = plan.runs[index]?.state === 'sent';
      if (!isSent && cancelled.aborted) return { plan, why: 'cancelled' };
      if (!isSent && this.#isSpent(plan, session)) return { plan, why: 'limit' };
      if (!isSent && bad >= MOST_IN_A_ROW) return { plan, why: 'inARow' };
      const place = l10n.t('{0} of {1}', index + 1, plan.runs.length);
      say(place);
      const keep = async (change: Partial<PlannedRun>) => {
        plan = withRun(plan, index, change);
        await this.#plans.keep(plan);
      };
      const followed = await this.#follow(plan, index, {
        session,
        job,
        keep,
        say: (text) => say(`${place} · ${text}`),
      });
      if (followed === 'closed') return undefined;
      if (followed === 'sessionEnded') return { plan, why: 'sessionEnded' };
      void noteMemory(this.context, followed, session, job);
      const result = await this.#resultOf(plan, index, followed);
      await keep(result);
      bad = result.state === 'done' ? 0 : bad + 1;
      await this.#writeTable(plan);
      say(place, 100 / plan.runs.length);
    }
    return { plan, why: 'all' };
  }

  async #follow(
    plan: RunPlan,
    index: number,
    {
      session,
      job,
      keep,
      say,
    }: {
      readonly session: Session;
      readonly job: Job;
      readonly keep: (change: Partial<PlannedRun>) => Promise<void>;
      readonly say: Say;
    },
  ): Promise<Followed | Error> {
    const { set = [], ids } = plan.runs[index] ?? {};
    const { web, following, report } = this.context;
    const never = new AbortController().signal;
    try {
      const prompts = new Prompts(pageOf(session) ?? '', web);
      return await following.follow(session.id, {
        prompts,
        job: { ...job, prompt: withSettings(job.prompt, set) },
        sent: ids,
        cancelled: never,
        listener: {
          sending: (sent) => keep({ state: 'sent', ids: sent }),
          progress: (stage, isSilent) => say(stageText(stage, isSilent)),
          asking: () => undefined,
          accepted: () => undefined,
          notCancelled: report,
        },
      });
    } catch (error) {
      return toApiError(error);
    }
  }

  async #resultOf(
    plan: RunPlan,
    index: number,
    followed: Exclude<Followed, string> | Error,
  ): Promise<Partial<PlannedRun> & Pick<PlannedRun, 'state'>> {
    const { name, sessionId } = plan;
    if (followed instanceof PromptRefused)
      return { state: 'failed', why: refusalText(name, followed.message, followed.problems) };
    if (followed instanceof Error) return { state: 'failed', why: followed.message };
    if (followed.kind !== 'done')
      return { state: 'failed', why: outcomeText(followed, { name, session: '', isCancelled: false, waited: 0 }) };
    const took = followed.took === undefined ? {} : { took: followed.took };
    try {
      return { state: 'done', ...took, files: await this.#save(plan, index, sessionId, followed.files) };
    } catch (error) {
      return { state: 'done', ...took, why: toApiError(error).message };
    }
  }

  async #save(plan: RunPlan, index: number, id: SessionId, files: readonly OutputFile[]): Promise<string[]> {
    const names = new Names();
    const number = String(index + 1).padStart(String(plan.runs.length).length, '0');
    const saved: string[] = [];
    for (const file of files) {
      const name = names.give('', `${number} ${file.filename}`);
      const bytes = await this.context.read(id, file);
      await writeWhole(vscode.Uri.joinPath(vscode.Uri.parse(plan.folder, true), name), bytes);
      saved.push(name);
    }
    return saved;
  }

  /** Whether another run would cost more than the limit. */
  #isSpent(plan: RunPlan, { gpu }: Session): boolean {
    const { limit, startedAt } = plan;
    const { prices, now } = this.context.appState();
    const price = prices?.get(gpu);
    const until = now + longestRun(plan);
    return limit !== undefined && price !== undefined && costOf(price, until - startedAt) >= BigInt(limit);
  }

  async #writeTable(plan: RunPlan): Promise<void> {
    const bytes = new TextEncoder().encode(runsCsv(plan));
    await writeWhole(tableOf(plan), bytes).catch(this.context.report);
  }

  async #end(plan: RunPlan, why: WhyOver): Promise<void> {
    await this.#plans.drop(plan.id);
    await this.#writeTable(plan);
    const open = l10n.t('Open Table');
    const isWhole = plan.runs.every(({ state }) => state === 'done');
    const pressed = await (isWhole ? inform : warn)(overText(plan, why), open);
    if (pressed === open) await vscode.commands.executeCommand('vscode.open', tableOf(plan));
  }
}

function tableOf({ folder }: RunPlan): vscode.Uri {
  return vscode.Uri.joinPath(vscode.Uri.parse(folder, true), TABLE);
}
