import * as l10n from '@vscode/l10n';
import { asSentence } from '../platform/errors';
import { plain } from '../platform/escapes';
import type { SessionId } from '../comfydeploy/model';
import type { LogLine } from '../comfydeploy/logs';
import { atMost, type Clock } from '../platform/clock';
import type { Event } from '../platform/emitter';

export interface FailedStart {
  readonly id: SessionId;
  /** The build of its machine: the error reports of its containers are stored by build. */
  readonly versionId: string | undefined;
  /** It was requested at `from`, and gone at `to`. Server times, ms. */
  readonly from: number;
  readonly to: number;
}

export interface StartReason {
  readonly source: 'log' | 'container';
  readonly words: string;
}

/** What the server logs for every start, successful or not. */
const USUAL =
  /^(Creating session|Warming up ComfyUI|Starting session|Using optimized runner|Waiting for container snapshot|Note: First time after)/;
const CRASHED = /^Session crashed in startup\s*/;
/** The last line of every failed start. */
const FAILED = /^Failed to start session/;
const STATUS = /^Modal function failed with status/;
const REBUILD = /^Recommending rebuilding/;
const GAVE_UP = /^Reached timeout period/;
const COMPLAINT = /error|exception|fail|cannot|can't|could not|not found|no module|not deployed|out of memory|killed/i;

/** ComfyUI is up: a later line counts as the reason for a failed start only if it is a complaint. */
const UP = /^To see the GUI go to/;

/** The longest text shown, in characters; longer messages are cut to so many lines. */
const LONGEST = 400;
const LINES = 3;
/** A container that dies logs the reason among its last lines. */
const NEAR_THE_END = 200;
/** How long to wait for the log of a dying session, ms. */
const PATIENCE = 15_000;

/**
 * Why a start failed according to its log; undefined if the log does not say. Every line of a real log has the level
 * `info`, and the reason stands a few lines above the last one, which says only that it failed.
 */
export function reasonIn(log: readonly LogLine[]): string | undefined {
  const lines = log.slice(-NEAR_THE_END).map(({ message, level }) => ({ level, text: plain(message).trim() }));
  const said = lines.filter(({ text }) => text !== '' && !USUAL.test(text));
  const revealing = revealingOf(said);
  if (revealing === undefined) return undefined;
  const words = shortened(revealing);
  const isToBeRebuilt = said.some(({ text }) => REBUILD.test(text));
  return isToBeRebuilt ? l10n.t('{0} ComfyDeploy recommends rebuilding the machine.', asSentence(words)) : words;
}

interface Said {
  readonly level: LogLine['level'];
  readonly text: string;
}

function revealingOf(said: readonly Said[]): string | undefined {
  const crash = said.findLast(({ text }) => CRASHED.test(text))?.text.replace(CRASHED, '');
  if (crash) return crash;
  const error = said.findLast(({ level }) => level === 'error');
  if (error) return error.text;
  const status = said.findLastIndex(({ text }) => STATUS.test(text));
  const before = status < 0 ? said : said.slice(0, status);
  const words = before.filter(({ text }) => !FAILED.test(text) && !REBUILD.test(text));
  const gaveUp = words.findLast(({ text }) => GAVE_UP.test(text));
  if (gaveUp) return gaveUp.text;
  const complaint = words.findLast(({ text }) => COMPLAINT.test(text))?.text;
  if (complaint !== undefined) return complaint;
  if (status >= 0) return said[status]?.text;
  // If the container itself did not fail, the last words come from the platform: the container could not be requested.
  return said.some(({ text }) => UP.test(text)) ? undefined : words.at(-1)?.text;
}

/** The first lines; of a traceback also the last one, which names the error. */
function shortened(text: string): string {
  const lines = text.split('\n', 1_000).flatMap((line) => line.trim() || []);
  const last = lines.at(-1) ?? '';
  const shown = lines.length > LINES ? [...lines.slice(0, LINES - 1), last] : lines;
  const whole = [...new Set(shown)].join(' ');
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST - 1)}…` : whole;
}

/** The same for what a container recorded as it died, without the traceback. */
export function saysWhy(left: string): string | undefined {
  const [head = ''] = plain(left).split(/^Traceback/m, 1);
  return shortened(head.trim() === '' ? plain(left) : head) || undefined;
}

/** Whether the log says that the start failed, and not only what happened until somebody ended it. */
export function namesFailure(log: readonly LogLine[]): boolean {
  const words = [CRASHED, FAILED, GAVE_UP, STATUS];
  return log.some(({ message }) => words.some((word) => word.test(plain(message).trim())));
}

/** Whether the log has said how the start ended, so that there is nothing more to wait for. */
function isExplained(log: readonly LogLine[]): boolean {
  return log.some(({ message }) => FAILED.test(plain(message).trim()));
}

/** A log that is still being read. */
interface OpenLog {
  readonly lines: readonly LogLine[];
  /** Why no more lines come; undefined while more may come. */
  readonly closed: unknown;
  readonly onDidChange: Event<void>;
}

/**
 * Reads the log of a failed start to its end, within bounds. If the container could not even be requested, the session
 * is gone before anybody has connected to its log, and the reason is not available anywhere else.
 */
export async function readReason(log: OpenLog, clock: Clock): Promise<string | undefined> {
  let stop = (): void => undefined;
  const read = new Promise<void>((resolve) => {
    const look = () => {
      if (log.closed !== undefined || isExplained(log.lines)) resolve();
    };
    const subscription = log.onDidChange(look);
    stop = () => subscription.dispose();
    look();
  });
  await atMost(clock, PATIENCE, read);
  stop();
  return reasonIn(log.lines);
}

/** The message for the user. @param name of the session. */
export function failedStartText(name: string, reason: StartReason | undefined): string {
  switch (reason?.source) {
    case 'log':
      return l10n.t('{0} failed to start: {1}', name, reason.words);
    case 'container':
      return l10n.t(
        '{0} failed to start. Its log gives no reason, but its container reported: {1}',
        name,
        reason.words,
      );
    case undefined:
      return l10n.t('{0} failed to start. Its log gives no reason.', name);
  }
}
