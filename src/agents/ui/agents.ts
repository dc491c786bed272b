import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { ApiError, isAbort, toApiError } from '../../platform/errors';
import { plainText } from '../../platform/plainText';
import { cancellable } from '../../platform/ui/pick';
import { toolQuestion } from '../../platform/ui/shown';
import { checkTool } from './check';
import { endTool } from './end';
import { extendTool } from './extend';
import { listTool } from './list';
import { outputsTool } from './outputs';
import { queueTool } from './queue';
import type { Agents, ToolName } from './registering';
import { spendingTool } from './spending';
import { startTool } from './start';
import type { AgentContext, Told, Tool } from './tool';

export function toolsOf(context: AgentContext): Readonly<Record<ToolName, Tool>> {
  return {
    list: listTool(context),
    spending: spendingTool(context),
    start: startTool(context),
    extend: extendTool(context),
    end: endTool(context),
    check: checkTool(context),
    queue: queueTool(context),
    outputs: outputsTool(context),
  };
}

/** Carries out what agents call. Whatever a server wrote reaches them as short plain text, without keys and addresses. */
export function agentsOf(context: AgentContext): Agents {
  const tools = toolsOf(context);
  return {
    async invoke(name, input, token) {
      try {
        const run = (signal: AbortSignal) => tools[name].run(parsed(tools[name], input), signal);
        return resultOf(await cancellable(token, run));
      } catch (error) {
        throw isAbort(error) ? error : new Error(failureText(toApiError(error)));
      }
    },
    async prepare(name, input) {
      // What fails here fails again when it is run, which tells the agent why.
      const question = await Promise.resolve()
        .then(() => tools[name].ask?.(parsed(tools[name], input)))
        .catch(() => undefined);
      return question && toolQuestion(question.title, question.detail);
    },
  };
}

function parsed({ input: schema }: Tool, input: unknown): unknown {
  const read = z.safeParse(schema, input);
  if (read.success) return read.data;
  throw new ApiError('refused', `Invalid input: ${read.error.issues[0]?.path.join('.') ?? ''}`); // eslint-disable-line texts/marked -- for the model
}

function failureText({ kind, message }: ApiError): string {
  // eslint-disable-next-line texts/marked -- for the model
  const hint = kind === 'unauthorized' ? ' Ask the user to run the command "ComfyDeploy: Sign In".' : '';
  return plainText(message) + hint;
}

declare module 'vscode' {
  /** Newer than the oldest supported VS Code: without it, no pictures are told. */
  const LanguageModelDataPart: { readonly image: (bytes: Uint8Array, mime: string) => unknown } | undefined;
}

function resultOf({ facts, pictures = [] }: Told): vscode.LanguageModelToolResult {
  const plain = (_: string, value: unknown) => (typeof value === 'string' ? plainText(value) : value);
  const result = new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(facts, plain))]);
  for (const { bytes, mime } of pictures) {
    const part = vscode.LanguageModelDataPart?.image(bytes, mime);
    if (part) result.content.push(part);
  }
  return result;
}
