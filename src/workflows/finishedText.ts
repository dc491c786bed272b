import * as l10n from '@vscode/l10n';
import { shownName } from '../comfyui/shownName';
import { about } from '../platform/dollars';
import { elapsed } from '../platform/durations';
import { costOf } from '../spending/cost';
import { tookOf, type DueRuns } from './finishedRuns';
import { filesText, nodeText, reasonOf } from './queueText';

/** For one or more runs. @param name the session's. @param price of its GPU, billionths of a dollar a second. */
export function doneText(done: DueRuns['done'], name: string, price: number | undefined): string {
  const files = done.flatMap(({ ending }) => ending.files);
  const [first] = files;
  const what = files.length === 1 && first ? shownName(first.filename) : filesText(files);
  const took = tookOf(done.map(({ ending }) => ending));
  const cost = price === undefined ? [] : [about(costOf(price, took))];
  const facts = Number.isFinite(took) ? [elapsed(took), ...cost].join(', ') : undefined;
  if (done.length === 1)
    return facts === undefined
      ? l10n.t('{0} rendered {1}.', name, what)
      : l10n.t({
          message: '{0} rendered {1} ({2}).',
          args: [name, what, facts],
          comment: ['{0} is a session, {1} a file or “2 outputs”, {2} how long it took and what it cost'],
        });
  return facts === undefined
    ? l10n.t('{0} finished {1} runs: {2}.', name, done.length, what)
    : l10n.t({
        message: '{0} finished {1} runs: {2} ({3}).',
        args: [name, done.length, what, facts],
        comment: ['{0} is a session, {1} a number, {2} “2 outputs”, {3} how long it took and what it cost'],
      });
}

/** For one or more runs, with the reason of the last failure. */
export function failedText(failed: DueRuns['failed'], name: string): string {
  const last = failed.at(-1);
  if (!last) return '';
  const { nodeId, classType, message } = last.ending.failure;
  const reason = reasonOf(message);
  const text =
    nodeId === undefined
      ? l10n.t('A run on {0} failed: {1}', name, reason)
      : l10n.t('A run on {0} failed in {1}: {2}', name, nodeText(nodeId, classType), reason);
  const others = failed.length - 1;
  if (others === 0) return text;
  return `${text} ${others === 1 ? l10n.t('Another run failed, too.') : l10n.t('{0} other runs failed, too.', others)}`;
}
