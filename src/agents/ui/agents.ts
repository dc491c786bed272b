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
  const plain = (text: string) => plainText(text, undefined, context.hide);
  const told = <T>(work: () => Promise<T>) =>
    work().catch((error: unknown) => {
      throw isAbort(error) ? error : new Error(plain(failureText(toApiError(error))));
    });
  return {
    invoke: (name, input, token) =>
      told(async () => {
        const run = (signal: AbortSignal) => tools[name].run(parsed(tools[name], input), signal);
        return resultOf(await cancellable(token, run), plain);
      }),
    // If this fails, nothing is run: nothing is spent that was not asked about.
    prepare: (name, input) =>
      told(async () => {
        const question = await tools[name].ask?.(parsed(tools[name], input));
        return question && toolQuestion(question.title, question.detail);
      }),
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
  return message + hint;
}

declare module 'vscode' {
  /** Newer than the oldest supported VS Code: without it, no pictures are told. */
  const LanguageModelDataPart: { readonly image: (bytes: Uint8Array, mime: string) => unknown } | undefined;
}

function resultOf({ facts, pictures = [] }: Told, plain: (text: string) => string): vscode.LanguageModelToolResult {
  const told = JSON.stringify(facts, (_, value: unknown) => (typeof value === 'string' ? plain(value) : value));
  const result = new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(told)]);
  for (const { bytes, mime } of pictures) {
    const part = vscode.LanguageModelDataPart?.image(bytes, mime);
    if (part) result.content.push(part);
  }
  return result;
}
