import * as l10n from '@vscode/l10n';
import type { SaveProgress } from './transferProgress';
import { plainText } from '../platform/plainText';
import type { Saved, Unsaved } from './saver';
import { listText, moreText } from '../platform/language';
import { timeOfDay } from '../platform/durations';

const KB = 1_000;
const MB = 1_000 * KB;
const GB = 1_000 * MB;
const NAMED = 3;
const LONGEST_NAME = 60;
const REASONS = 3;
const LOGGED = 200;

/** `340 kB`, `12 MB`, `1.4 GB`. */
export function bytesText(bytes: number): string {
  if (bytes < MB) return l10n.t('{0} kB', Math.ceil(bytes / KB));
  return bytes < GB ? l10n.t('{0} MB', Math.round(bytes / MB)) : l10n.t('{0} GB', (bytes / GB).toFixed(1));
}

/** `12 of 40 files, 34 MB of 1.2 GB`, and how many could not be saved. */
export function progressText({ files, bytes }: SaveProgress): string {
  const [came, all] = [bytesText(bytes.done), bytesText(bytes.total)];
  const progress = l10n.t('{0} of {1} files, {2} of {3}', files.done, files.total, came, all);
  return files.failed === 0 ? progress : `${progress}, ${l10n.t('{0} could not be saved', files.failed)}`;
}

/** What was saved and where, for a notice; `unsavedText` is about the rest. */
export function savedText({ saved, skipped, workflows, failed, left, bytes, place }: Saved): string {
  const news = [
    ...(saved > 0 ? [`${filesText(saved)} (${bytesText(bytes)})`] : []),
    ...(workflows > 0 ? [workflowsText(workflows)] : []),
  ];
  if (news.length > 0) {
    const done = l10n.t('Saved {0} to {1}.', listText(news), place);
    return skipped === 0 ? done : `${done} ${skippedText(skipped)}`;
  }
  if (skipped > 0) return `${l10n.t('Nothing new in {0} since the last time.', place)} ${skippedText(skipped)}`;
  return failed.length + left > 0 ? l10n.t('Nothing was saved.') : l10n.t('This session has no outputs to save.');
}

/**
 * `3 of 12 files could not be saved: a.png, b.png and 1 more. The disk is full.` Several reasons are listed with their
 * files, the most frequent first, then runs that finished too late. Undefined if all were saved.
 */
export function unsavedText({
  saved,
  skipped,
  failed,
  missed,
}: Pick<Saved, 'saved' | 'skipped' | 'failed' | 'missed'>): string | undefined {
  const sentences = [failedText(saved + skipped + failed.length, failed), missedText(missed)];
  return sentences.filter((sentence) => sentence !== undefined).join(' ') || undefined;
}

/** `Still rendering. Runs that are not saved: at least 2.` Undefined if there are none. */
export function missedText(missed: number): string | undefined {
  return missed === 0 ? undefined : l10n.t('Still rendering. Runs that are not saved: at least {0}.', missed);
}

function failedText(all: number, failed: readonly Unsaved[]): string | undefined {
  const groups = byReason(failed);
  const [first, ...others] = groups;
  if (!first) return undefined;
  if (others.length === 0)
    return `${l10n.t('{0} of {1} files could not be saved: {2}.', failed.length, all, namesOf(first.files))} ${first.why}`;
  const lines = groups.slice(0, REASONS).map(({ why, files }) =>
    l10n.t({
      message: '{0}: {1}',
      args: [namesOf(files), why],
      comment: ['{0} are names of files that could not be saved, {1} says why: a sentence.'],
    }),
  );
  const rest = groups.slice(REASONS).reduce((sum, { files }) => sum + files.length, 0);
  const more = rest === 0 ? [] : [l10n.t('See the log for {0} more.', rest)];
  return [failedOf(all, failed.length), ...lines, ...more].join(' ');
}

export function failedOf(all: number, failed: number): string {
  return l10n.t('{0} of {1} files could not be saved.', failed, all);
}

/** What was saved before the end of a session. */
export function beforeEndText(name: string, saved: Saved): string {
  return l10n.t({
    message: 'Before the end of {0}: {1}',
    args: [name, savedText(saved)],
    comment: ['{0} is a session, {1} a sentence: Saved 3 files to outputs.'],
  });
}

/** @param why a sentence. */
export function retriedText(name: string, why: string): string {
  return l10n.t('Saving the outputs of {0} failed and will be tried again. {1}', name, why);
}

/** The note after saving if ComfyUI no longer answers. @param why a sentence. */
export function unsureText(why: string): string {
  return l10n.t('What had finished is saved. More may have finished since then. {0}', why);
}

/** One line for each file, for the log. */
export function unsavedLines({ failed }: Pick<Saved, 'failed'>): readonly string[] {
  // eslint-disable-next-line texts/marked -- the log stays in English
  const lines = failed.slice(0, LOGGED).map((file) => `Not saved: ${namesOf([file])}. ${file.why}`);
  const rest = failed.length - lines.length;
  // eslint-disable-next-line texts/marked -- the log stays in English
  return rest === 0 ? lines : [...lines, `Not saved: ${rest} more files.`];
}

/** @param latest server time, ms. */
export function heldText(name: string, latest: number): string {
  return l10n.t(
    '{0} has not ended yet because not all of its outputs are saved. Saving is retried until {1}; then it ends without them.',
    name,
    timeOfDay(latest),
  );
}

export function notHeldText(name: string): string {
  return l10n.t(
    '{0} ends although not all of its outputs are saved: keeping it longer may exceed your spending limit. Choose “Keep” to keep it anyway.',
    name,
  );
}

function byReason(failed: readonly Unsaved[]): readonly { readonly why: string; readonly files: readonly Unsaved[] }[] {
  const groups = new Map<string, Unsaved[]>();
  for (const file of failed) {
    const group = groups.get(file.why);
    if (group) group.push(file);
    else groups.set(file.why, [file]);
  }
  return [...groups].map(([why, files]) => ({ why, files })).sort((a, b) => b.files.length - a.files.length);
}

/** Names come from the server. */
function namesOf(files: readonly Unsaved[]): string {
  const named = files.slice(0, NAMED).map(({ filename }) => plainText(filename, LONGEST_NAME));
  const rest = files.length - named.length;
  return rest === 0 ? named.join(', ') : listText([...named, moreText(rest)]);
}

/** `12 files`. */
export function filesText(files: number): string {
  return files === 1 ? l10n.t('1 file') : l10n.t('{0} files', files);
}

function workflowsText(workflows: number): string {
  return workflows === 1 ? l10n.t('1 workflow') : l10n.t('{0} workflows', workflows);
}

function skippedText(files: number): string {
  return files === 1 ? l10n.t('1 file was already there.') : l10n.t('{0} files were already there.', files);
}
