import * as l10n from '@vscode/l10n';
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
  return isSilent
    ? l10n.t({
        message: '{0}; ComfyUI is not responding',
        args: [text],
        comment: ['{0} is how far a render is, such as “next in the queue” or “45%”.'],
      })
    : text;
}

function textOf(stage: Stage): string {
  if (stage.kind === 'waiting') {
    if (stage.ahead === undefined) return l10n.t('in the queue');
    return stage.ahead === 0 ? l10n.t('next in the queue') : l10n.t('{0} ahead of it', stage.ahead);
  }
  if (stage.kind !== 'running') return l10n.t('finishing');
  const { share, node } = stage;
  if (node === undefined && share === 0) return l10n.t('starting');
  const percent = l10n.t('{0}%', percentOf(stage));
  return node === undefined
    ? percent
    : l10n.t({
        message: '{0}, {1}',
        args: [serverText(node), percent],
        comment: ['{0} is a node of ComfyUI, {1} a percentage.'],
      });
}

/** Rounded down: 100 % means done. */
export function percentOf(stage: Stage): number {
  return stage.kind === 'running' ? Math.floor(stage.share * 100) : 0;
}

export interface Ended {
  /** Of the file. */
  readonly name: string;
  readonly session: string;
  /** The user cancelled it. */
  readonly isCancelled: boolean;
  /** By our clock, since it was queued, ms. */
  readonly waited: number;
}

/** The notice about its result. */
export function outcomeText(outcome: Outcome, { name, session, isCancelled, waited }: Ended): string {
  switch (outcome.kind) {
    case 'done': {
      const { files, isCached, took } = outcome;
      if (isCached && !isCancelled)
        return l10n.t(
          'Nothing in {0} has changed since the last run, so nothing was rendered again. The last run has {1}.',
          name,
          filesText(files),
        );
      const time = elapsed(took ?? waited);
      return isCancelled
        ? l10n.t('{0} finished before it could be stopped: {1} after {2}.', name, filesText(files), time)
        : l10n.t('{0} is done: {1} after {2}.', name, filesText(files), time);
    }
    case 'forgotten':
      return isCancelled
        ? l10n.t("{0} finished before it could be stopped. ComfyUI's history no longer shows what it rendered.", name)
        : l10n.t("{0} is done. ComfyUI's history no longer shows what it rendered.", name);
    case 'failed':
      return failureText(outcome.failure, name);
    case 'interrupted':
      return isCancelled
        ? l10n.t('{0} was stopped.', name)
        : l10n.t('{0} was stopped in ComfyUI before it was done.', name);
    case 'takenOut':
      return l10n.t('{0} was removed from the queue before it started.', name);
    case 'lost':
      return l10n.t(
        '{0} is no longer in the queue of {1}: ComfyUI was restarted, or somebody removed it. Queue it again if you still want it.',
        name,
        session,
      );
  }
}

/** Without `session`: its name is not known any more. */
export function sessionEndedText({ name, session }: Pick<Ended, 'name'> & Partial<Pick<Ended, 'session'>>): string {
  return session === undefined
    ? l10n.t('The session that {0} was queued in ended before it was done.', name)
    : l10n.t('The session {0} ended before {1} was done.', session, name);
}

/** Why it was not queued, by its first problem. */
export function refusalText(name: string, message: string, problems: readonly NodeProblem[]): string {
  return l10n.t('ComfyUI rejected {0}. {1}', name, problems.length > 0 ? problemsText(problems) : message);
}

/** Missing files, by the first of them. */
export function missingInputsText(name: string, problems: readonly NodeProblem[]): string {
  return l10n.t(
    '{0} was not queued. {1} Put the file beside the workflow or into the workspace.',
    name,
    problemsText(problems),
  );
}

/** The parts left out of a run. */
export function leftOutText(name: string, problems: readonly NodeProblem[]): string {
  return l10n.t('Part of {0} was left out. {1}', name, problemsText(problems));
}

/** ComfyUI accepts only nodes. @param keys other members in the file. */
export function notNodesText(name: string, keys: readonly string[]): string {
  const [first = '', ...rest] = keys;
  return rest.length === 0
    ? l10n.t(
        "Queued {0} without “{1}”, which isn't a node for ComfyUI. The file was not changed.",
        name,
        serverText(first),
      )
    : l10n.t(
        "Queued {0} without “{1}” and {2} more, which aren't nodes for ComfyUI. The file was not changed.",
        name,
        serverText(first),
        rest.length,
      );
}

/** The problem shown at the node in the file. */
export function problemOfFailure({ nodeId, classType, message }: RunFailure): readonly NodeProblem[] {
  if (nodeId === undefined) return [];
  return [{ nodeId, classType, input: undefined, message: reasonOf(message) }];
}

function problemsText([first, ...rest]: readonly NodeProblem[]): string {
  if (!first) return '';
  const { nodeId, classType, message } = first;
  const text = l10n.t({
    message: '{0}: {1}',
    args: [classType === undefined ? l10n.t('Node {0}', serverText(nodeId)) : nodeText(nodeId, classType), message],
    comment: ['{0} is a node of ComfyUI, {1} a sentence about it.'],
  });
  if (rest.length === 0) return text;
  return `${text} ${rest.length === 1 ? l10n.t('1 more problem.') : l10n.t('{0} more problems.', rest.length)}`;
}

function failureText({ nodeId, classType, message }: RunFailure, name: string): string {
  return nodeId === undefined
    ? l10n.t('{0} failed: {1}', name, reasonOf(message))
    : l10n.t('{0} failed in {1}: {2}', name, nodeText(nodeId, classType), reasonOf(message));
}

export function nodeText(nodeId: string, classType: string | undefined): string {
  return classType === undefined
    ? l10n.t('node {0}', serverText(nodeId))
    : l10n.t('{0} (node {1})', serverText(classType), serverText(nodeId));
}

export function reasonOf(message: string): string {
  const text = serverText(message);
  return text === '' ? l10n.t('ComfyUI gave no reason.') : asSentence(text);
}

export function filesText({ length }: readonly OutputFile[]): string {
  if (length === 0) return l10n.t('no outputs');
  return length === 1 ? l10n.t('1 output') : l10n.t('{0} outputs', length);
}
