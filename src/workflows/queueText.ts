import type { OutputFile } from '../comfyui/outputs';
import type { RunFailure, Stage } from '../comfyui/progress';
import type { NodeProblem } from '../comfyui/refusal';
import type { Outcome } from './outcome';
import { serverText } from '../comfyui/serverText';
import { asSentence } from '../platform/errors';
import { elapsed } from '../platform/durations';

/** `2 before it`, `KSampler, 45 %`. */
export function stageText(stage: Stage, isSilent: boolean): string {
  const text = textOf(stage);
  return isSilent ? `${text}; ComfyUI does not answer` : text;
}

function textOf(stage: Stage): string {
  if (stage.kind === 'waiting') {
    if (stage.ahead === undefined) return 'in the queue';
    return stage.ahead === 0 ? 'next in the queue' : `${stage.ahead} before it`;
  }
  if (stage.kind !== 'running') return 'finishing';
  const { share, node } = stage;
  if (node === undefined && share === 0) return 'starting';
  const percent = `${percentOf(stage)} %`;
  return node === undefined ? percent : `${serverText(node)}, ${percent}`;
}

/** Whole, rounded down: 100 is said of what is done. */
export function percentOf(stage: Stage): number {
  return stage.kind === 'running' ? Math.floor(stage.share * 100) : 0;
}

export interface Ended {
  /** Of the file. */
  readonly name: string;
  readonly session: string;
  /** The user wanted it to stop. */
  readonly isCancelled: boolean;
  /** By our clock, from when it was queued, ms. */
  readonly waited: number;
}

/** What became of it, for a notice. */
export function outcomeText(outcome: Outcome, { name, session, isCancelled, waited }: Ended): string {
  const late = isCancelled ? ', before it could be stopped' : '';
  switch (outcome.kind) {
    case 'done': {
      const { files, isCached, took } = outcome;
      if (isCached && !isCancelled)
        return `Nothing in ${name} has changed since it ran last, so nothing was rendered anew. It has ${filesText(files)} from then.`;
      return `${name} is done${late}: ${filesText(files)} after ${elapsed(took ?? waited)}.`;
    }
    case 'forgotten':
      return `${name} is done${late}. ComfyUI's history no longer says what it has rendered.`;
    case 'failed':
      return failureText(outcome.failure, name);
    case 'interrupted':
      return isCancelled ? `${name} was stopped.` : `${name} was stopped in ComfyUI before it was done.`;
    case 'takenOut':
      return `${name} was taken out of the queue before it began.`;
    case 'lost':
      return `${session} no longer knows ${name}: ComfyUI was restarted, or somebody took it out of the queue. Queue it again if you still want it.`;
  }
}

export function sessionEndedText({ name, session }: Pick<Ended, 'name' | 'session'>): string {
  return `The session ${session} ended before ${name} was done.`;
}

/** Why it was not queued, by the first of its problems. */
export function refusalText(name: string, message: string, problems: readonly NodeProblem[]): string {
  return `ComfyUI does not take ${name}. ${problems.length > 0 ? problemsText(problems) : message}`;
}

/** What is left out of one that runs. */
export function leftOutText(name: string, problems: readonly NodeProblem[]): string {
  return `Part of ${name} is left out. ${problemsText(problems)}`;
}

/** ComfyUI takes nothing but nodes. @param keys what stands beside them in the file. */
export function notNodesText(name: string, keys: readonly string[]): string {
  const [first = '', ...rest] = keys;
  const what = rest.length === 0 ? `“${serverText(first)}”` : `“${serverText(first)}” and ${rest.length} more`;
  return `Queued ${name} without ${what}, which ComfyUI does not take for a node. The file stays as it is.`;
}

/** What is said of a node in the file itself. */
export function problemOfFailure({ nodeId, classType, message }: RunFailure): readonly NodeProblem[] {
  if (nodeId === undefined) return [];
  return [{ nodeId, classType, input: undefined, message: reasonOf(message) }];
}

function problemsText([first, ...rest]: readonly NodeProblem[]): string {
  if (!first) return '';
  const { nodeId, classType, message } = first;
  const more = rest.length === 0 ? '' : ` ${rest.length} more ${rest.length === 1 ? 'problem' : 'problems'}.`;
  return `${nodeText(nodeId, classType)}: ${message}${more}`;
}

function failureText({ nodeId, classType, message }: RunFailure, name: string): string {
  const where = nodeId === undefined ? '' : ` in ${nodeText(nodeId, classType)}`;
  return `${name} failed${where}: ${reasonOf(message)}`;
}

function nodeText(nodeId: string, classType: string | undefined): string {
  return classType === undefined
    ? `node ${serverText(nodeId)}`
    : `${serverText(classType)} (node ${serverText(nodeId)})`;
}

function reasonOf(message: string): string {
  const text = serverText(message);
  return text === '' ? 'ComfyUI gives no reason.' : asSentence(text);
}

function filesText({ length }: readonly OutputFile[]): string {
  if (length === 0) return 'no outputs';
  return length === 1 ? '1 output' : `${length} outputs`;
}
