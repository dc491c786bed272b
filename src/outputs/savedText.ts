import type { SaveProgress } from './savePace';
import { plainText } from '../platform/plainText';
import type { Saved, Unsaved } from './saver';
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
  if (bytes < MB) return `${Math.ceil(bytes / KB)} kB`;
  return bytes < GB ? `${Math.round(bytes / MB)} MB` : `${(bytes / GB).toFixed(1)} GB`;
}

/** `12 of 40 files, 34 MB of 1.2 GB`, and how many could not be saved. */
export function progressText({ files, bytes }: SaveProgress): string {
  const failed = files.failed === 0 ? '' : `, ${files.failed} could not be saved`;
  return `${files.done} of ${count(files.total, 'file')}, ${bytesText(bytes.done)} of ${bytesText(bytes.total)}${failed}`;
}

/** What was saved and where, for a notice; what was not is `unsavedText`. */
export function savedText({ saved, skipped, workflows, failed, left, bytes, place }: Saved): string {
  const news = [
    ...(saved > 0 ? [`${count(saved, 'file')} (${bytesText(bytes)})`] : []),
    ...(workflows > 0 ? [count(workflows, 'workflow')] : []),
  ];
  const before = skipped === 0 ? '' : ` ${skipped === 1 ? '1 file was' : `${skipped} files were`} there already.`;
  if (news.length > 0) return `Saved ${news.join(' and ')} to ${place}.${before}`;
  if (skipped > 0) return `Nothing is new since the last time:${before.replace('.', '')}, in ${place}.`;
  return failed.length + left > 0 ? 'Nothing was saved.' : 'This session has no outputs to save.';
}

/**
 * `3 of 12 files could not be saved: a.png, b.png and 1 more. The disk is full.` With several reasons, each with the files
 * it is true of: the most frequent first. Then what finished too late. Undefined if all were saved.
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

/** `Still rendering: at least 2 more runs are not saved.` Undefined for none. */
export function missedText(missed: number): string | undefined {
  if (missed === 0) return undefined;
  return `Still rendering: at least ${count(missed, 'more run')} ${missed === 1 ? 'is' : 'are'} not saved.`;
}

function failedText(all: number, failed: readonly Unsaved[]): string | undefined {
  const groups = byReason(failed);
  const [first, ...others] = groups;
  if (!first) return undefined;
  const of = `${failed.length} of ${count(all, 'file')} could not be saved`;
  if (others.length === 0) return `${of}: ${namesOf(first.files)}. ${first.why}`;
  const told = groups.slice(0, REASONS).map(({ why, files }) => `${files.length} (${namesOf(files)}): ${why}`);
  const rest = groups.slice(REASONS).reduce((sum, { files }) => sum + files.length, 0);
  return [`${of}.`, ...told, ...(rest === 0 ? [] : [`The log tells why of ${rest} more.`])].join(' ');
}

/** After a saving, once ComfyUI no longer answers. @param why a sentence. */
export function unsureText(why: string): string {
  return `What had finished is saved. Whether more has finished since then is not known. ${why}`;
}

/** One line a file, for the log. */
export function unsavedLines({ failed }: Pick<Saved, 'failed'>): readonly string[] {
  const lines = failed.slice(0, LOGGED).map((file) => `Not saved: ${namesOf([file])}. ${file.why}`);
  const rest = failed.length - lines.length;
  return rest === 0 ? lines : [...lines, `Not saved: ${rest} more files.`];
}

/** @param latest server time, ms. */
export function heldText(name: string, latest: number): string {
  return `${name} is not ended yet, since not all of its outputs are saved. That is tried again and again, until ${timeOfDay(latest)} at the latest: then it ends without them.`;
}

export function notHeldText(name: string): string {
  return `${name} ends although not all of its outputs are saved: to keep it longer may cost more than you allow. Choose “Keep” to keep it all the same.`;
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
  return rest === 0 ? named.join(', ') : `${named.join(', ')} and ${rest} more`;
}

function count(number: number, thing: string): string {
  return number === 1 ? `1 ${thing}` : `${number} ${thing}s`;
}
