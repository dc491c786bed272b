import * as l10n from '@vscode/l10n';
import type { Session } from '../../comfydeploy/model';
import type { Web } from '../../comfyui/connection';
import { workflowIn, type Graph, type Prompt } from '../../comfyui/workflow';
import type { SessionTabs } from '../../page/ui/sessionTabs';
import { ApiError } from '../../platform/errors';
import { exactJsonInSlices } from '../../platform/jsonText';
import { readForeignJson } from '../../platform/pythonJson';
import { Slices } from '../../platform/slices';
import { withLateProgress } from '../../platform/ui/pick';
import { notConvertedText } from '../conversionText';
import type { Settings } from '../manyRuns';
import { isSameWork } from '../sameWork';
import type { NodeLists } from './nodeLists';
import type { WorkflowFile } from './workflowFile';

export interface ConvertingContext {
  readonly web: Web;
  readonly tabs: Pick<SessionTabs, 'shownBy'>;
  readonly lists: Pick<NodeLists, 'ofSession'>;
}

/** Converts drawn workflows to prompts: by the session's page if it shows them, otherwise by the page's rules. */
export class Converting {
  constructor(private readonly context: ConvertingContext) {}

  /** @throws {ApiError} if it cannot be converted, and an `AbortError` if the user cancels. */
  promptFor(session: Session, { name, workflow }: Pick<WorkflowFile, 'name' | 'workflow'>): Promise<Prompt> {
    const { graph, prompt } = workflow;
    if (!graph) return Promise.resolve(prompt);
    return withLateProgress(this.context.web.clock, l10n.t('Converting {0}', name), async (signal) => {
      return (await this.#asShown(session, graph, signal)) ?? (await this.#converted(session, name, graph, signal));
    });
  }

  /** Runs of it with choices of their own: the page makes them again for each. @throws {ApiError}, or an `AbortError`. */
  withChoices(session: Session, file: Pick<WorkflowFile, 'name' | 'workflow'>, runs: readonly Settings[]) {
    const { clock, random } = this.context.web;
    const { graph, prompt } = file.workflow;
    if (!graph || prompt) return Promise.resolve(runs);
    return withLateProgress(clock, l10n.t('Converting {0}', file.name), async (signal) => {
      const nodes = await this.context.lists.ofSession(session, signal);
      const slices = new Slices(clock, signal);
      const { chooseForRuns } = await import('../conversion');
      return chooseForRuns(runs, { graph: await exactJsonInSlices(graph, slices), nodes }, random, slices);
    });
  }

  /** The file is sent, so a page that shows something else is not used. */
  async #asShown({ id }: Session, graph: Graph, signal: AbortSignal): Promise<Prompt | undefined> {
    const shown = await this.context.tabs.shownBy(id, signal);
    return shown?.graph && isSameWork(graph, shown.graph) ? shown.prompt : undefined;
  }

  async #converted(session: Session, name: string, graph: Graph, signal: AbortSignal): Promise<Prompt> {
    const nodes = await this.context.lists.ofSession(session, signal);
    return convertedBy(nodes, { name, graph }, new Slices(this.context.web.clock, signal));
  }
}

/** By a list of nodes. @throws {ApiError} if it cannot be converted. */
export async function convertedBy(
  nodes: string,
  { name, graph }: { readonly name: string; readonly graph: Graph },
  slices: Slices,
): Promise<Prompt> {
  const { convertDrawn } = await import('../conversion');
  const converted = await convertDrawn({ graph: await exactJsonInSlices(graph, slices), nodes }, slices);
  if (converted.kind !== 'converted') throw new ApiError('refused', notConvertedText(name, converted));
  const prompt = workflowIn(await readForeignJson(converted.prompt, slices))?.prompt;
  if (!prompt) throw new ApiError('refused', l10n.t('{0} contains no nodes that run.', name));
  return prompt;
}
