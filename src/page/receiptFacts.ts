import * as l10n from '@vscode/l10n';
import { knownOf } from '../activity/activity';
import type { Work } from '../comfydeploy/model';
import type { SavedSoFar } from '../outputs/sessionSaver';
import { about } from '../platform/dollars';
import { lasted, timeOfDay } from '../platform/durations';
import { listText } from '../platform/language';
import { costOfReceipt, startOf, type Receipt } from '../spending/receipts';
import { filesText } from '../outputs/savedText';

export type PageFact = readonly [name: string, value: string];

/** What this window last saw of a session before it ended. */
export interface LastSeen {
  readonly work: Work | undefined;
  readonly saved: SavedSoFar | undefined;
  /** Whether it had a page: before that there is nothing to lose. */
  readonly wasReady: boolean;
}

/** The summary of a session: how long it ran, what it cost, what was saved and what was not. */
export function receiptFacts(receipt: Receipt | undefined, last: LastSeen | undefined): readonly PageFact[] {
  const losses: readonly PageFact[] = last?.wasReady
    ? [
        [l10n.t('Saved'), savedText(last.saved)],
        [l10n.t('Not saved'), lostText(last)],
      ]
    : [];
  if (!receipt?.closed) return losses;
  const { closed } = receipt;
  const [from, to] = [startOf(receipt), closed.endedAt];
  const cost = costOfReceipt(receipt);
  return [
    [l10n.t('Ran'), l10n.t('{0}, {1} to {2}', lasted(Math.max(0, to - from)), timeOfDay(from), timeOfDay(to))],
    [l10n.t('Cost'), cost === undefined ? l10n.t('price unknown') : about(cost)],
    ...losses,
  ];
}

function savedText(saved: SavedSoFar | undefined): string {
  return saved && saved.files > 0 ? `${filesText(saved.files)} · ${saved.place}` : l10n.t('nothing');
}

/** What is lost, since a new session does not have it. */
function lostText({ work, saved }: LastSeen): string {
  const lost = [renderText(work, saved), ...(saved ? laterText(work, saved) : [ownText()])];
  const parts = lost.filter((part) => part !== undefined);
  return parts.length === 0 ? l10n.t('nothing') : listText(parts);
}

function ownText(): string {
  return l10n.t('outputs and changes in ComfyUI that you did not save yourself');
}

function renderText(work: Work | undefined, saved: SavedSoFar | undefined): string | undefined {
  const doing = work && knownOf(work);
  if (!work || doing?.kind !== 'rendering') return undefined;
  // Some of it was saved since the queue was read.
  if (saved && saved.at > work.readAt) return l10n.t('what had not finished by {0}', timeOfDay(saved.at));
  return doing.queued === 0
    ? l10n.t('the render that was running')
    : l10n.t('the render that was running, with {0} more in the queue', doing.queued);
}

function laterText(work: Work | undefined, { unsaved, at }: SavedSoFar): readonly (string | undefined)[] {
  const doing = work && knownOf(work);
  const isLater = doing?.kind === 'idle' && doing.since > at;
  return [
    unsaved === 0 ? undefined : filesText(unsaved),
    isLater ? l10n.t('what finished after {0}', timeOfDay(at)) : undefined,
  ];
}
