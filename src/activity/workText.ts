import * as l10n from '@vscode/l10n';
import { knownOf } from './activity';
import type { KnownActivity, Work } from '../comfydeploy/model';
import { minutesText } from '../platform/durations';
import { MINUTE } from '../platform/units';

const GIB = 2 ** 30;

/** How long a reading stays on screen, ms, so that one or two failed readings change no text. No decision uses it. */
const GRACE = MINUTE;

/** The text in a row: `idle for 12 min`, `rendering, 2 queued`; undefined if nothing is known. */
export function workText(work: Work | undefined, now: number): string | undefined {
  const shown = work && shownOf(work, now);
  if (!shown) return undefined;
  return shown.kind === 'idle' ? idleText(shown, now) : renderingText(shown.queued, work.percent);
}

/** Whether a row shows the session as rendering. */
export function isShownRendering(work: Work | undefined, now: number): boolean {
  return work !== undefined && shownOf(work, now)?.kind === 'rendering';
}

/** @param waiting how many wait behind the running one. @param percent progress of that one, if known. */
export function renderingText(waiting: number, percent?: number): string {
  return withQueue(percent === undefined ? l10n.t('rendering') : l10n.t('rendering {0}%', percent), waiting);
}

function withQueue(rendering: string, waiting: number): string {
  return waiting === 0 ? rendering : `${rendering}, ${l10n.t('{0} queued', waiting)}`;
}

/** The text in a tooltip, which may be longer and say that something cannot be read. */
export function workDetail(work: Work | undefined, now: number): string | undefined {
  const shown = work && shownOf(work, now);
  if (!shown) return work && l10n.t("can't be read");
  if (shown.kind === 'idle') return idleText(shown, now);
  const since = sinceText(shown, now);
  if (since === undefined) return renderingText(shown.queued);
  return withQueue(l10n.t('rendering for {0}', since), shown.queued);
}

/** `18 of 24 GB`, as ComfyUI and the driver count it. */
export function vramText(work: Work | undefined, now: number): string | undefined {
  if (!work?.vram || !shownOf(work, now)) return undefined;
  const { used, total } = work.vram;
  const gb = used / GIB;
  return l10n.t('{0} of {1} GB', gb < 9.95 ? gb.toFixed(1) : gb.toFixed(0), (total / GIB).toFixed(0));
}

/** How long until the text of `workText` changes without an event, ms. */
export function untilNextWorkText(work: Work, now: number): number {
  const shown = shownOf(work, now);
  if (!shown) return Number.POSITIVE_INFINITY;
  const step = shown.kind === 'idle' ? MINUTE - (Math.max(0, now - shown.since) % MINUTE) : Number.POSITIVE_INFINITY;
  return Math.min(step, work.readAt + GRACE - now);
}

function shownOf(work: Work, now: number): KnownActivity | undefined {
  return now - work.readAt < GRACE ? knownOf(work) : undefined;
}

function idleText(shown: KnownActivity, now: number): string {
  const since = sinceText(shown, now);
  return since === undefined ? l10n.t('idle') : l10n.t('idle for {0}', since);
}

/** `12 min`; undefined in the first minute. */
function sinceText({ since }: KnownActivity, now: number): string | undefined {
  const minutes = Math.floor((now - since) / MINUTE);
  return minutes < 1 ? undefined : minutesText(minutes);
}
