import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { SessionId } from '../../comfydeploy/model';
import { Prompts } from '../../comfyui/prompts';
import { PromptRefused } from '../../comfyui/refusal';
import { addressOf } from '../../page/ui/opening';
import { ApiError } from '../../platform/errors';
import { graphWithInputs } from '../../workflows/inputFiles';
import { leftOutText, missingInputsText, refusalText, sessionEndedText } from '../../workflows/queueText';
import { isMissing } from '../../workflows/ui/inputUploads';
import { workflowAt } from './files';
import { ownSession, type AgentContext, type Tool } from './tool';

const Queue = z.lazy(() => z.object({ workflow: z.string(), session: SessionId }));

/** Queues a workflow file; the window follows it to its end. */
export function queueTool(context: AgentContext): Tool<typeof Queue> {
  const { appState, tools, web } = context;
  return {
    input: Queue,
    async run({ workflow, session: id }, cancelled) {
      const file = await workflowAt(workflow, context);
      const session = await ownSession(context, id);
      const { lease, keepAlive } = appState().preferencesOf(id);
      if (lease || keepAlive)
        throw new ApiError(
          'refused',
          l10n.t('This session is extended while it renders, so agents may not queue on it.'),
        );
      const { name } = file;
      const { graph } = file.workflow;
      const written = await tools.converting.promptFor(session, file);
      const prompt = await tools.inputs.sent(session, file, written);
      if (!prompt) throw new DOMException('Aborted', 'AbortError');
      if (isMissing(prompt)) throw new ApiError('refused', missingInputsText(name, prompt));
      cancelled.throwIfAborted();
      const job = { prompt, graph: graph && graphWithInputs(graph, written, prompt) };
      const never = new AbortController().signal;
      const run = await new Promise<object>((resolve, reject) => {
        const listener = {
          sending: () => Promise.resolve(),
          progress: () => undefined,
          asking: () => undefined,
          accepted: (left: readonly Parameters<typeof leftOutText>[1][number][], promptId: string) =>
            resolve({ run: promptId, ...(left.length > 0 ? { warning: leftOutText(name, left) } : {}) }),
          notCancelled: () => undefined,
        };
        const prompts = new Prompts(addressOf(session), web);
        tools.following.follow(id, { prompts, job, sent: undefined, cancelled: never, listener }).then((followed) => {
          if (followed instanceof PromptRefused)
            return reject(new ApiError('refused', refusalText(name, followed.message, followed.problems)));
          reject(new ApiError('missing', sessionEndedText({ name }))); // unless it was accepted
        }, reject);
      });
      return { facts: run };
    },
  };
}
