import * as l10n from '@vscode/l10n';
import { hourly } from '../platform/dollars';
import type { Doubt, Prices, Session } from '../comfydeploy/model';
import type { Snapshot } from './snapshot';
import { dateAndTime, timeOfDay } from '../platform/durations';
import { theSession } from './sessionText';

export interface DoubtTextInput {
  readonly snapshot: Snapshot;
  readonly prices: Prices | undefined;
}

/** What it means and what to do. Nothing in it may become false while it is shown. */
export function doubtText(session: Session, doubt: Doubt, input: DoubtTextInput): string {
  const what = theSession(session, input.snapshot);
  const price = input.prices?.get(session.gpu);
  const costs = price === undefined ? [] : [l10n.t('Its GPU costs about {0}.', hourly(price))];
  switch (doubt.kind) {
    case 'tooSoon':
      return l10n.t(
        '{0} is ended as soon as ComfyDeploy knows its container: ended now, it might still start and keep running. Until it starts, it costs nothing.',
        what,
      );
    case 'unproven':
      return l10n.t(
        '{0} was closed before ComfyDeploy knew its container. It may still start, and would be billed. The extension looks for it until {1}, and warns you if it starts.',
        what,
        timeOfDay(doubt.until),
      );
    case 'unseen':
      return [unseenText(what, dateAndTime(doubt.limit)), ...costs].join(' ');
    case 'leaked':
      return [leakedText(what, dateAndTime(doubt.until)), ...costs, leakDetail(session, doubt.startedAt)].join(' ');
  }
}

function unseenText(what: string, limit: string): string {
  return l10n.t(
    "{0} was closed before ComfyDeploy knew its container, and without a machine, nothing shows what became of it. If it started anyway, it is billed until {1} at the latest, and can't be ended from here. Look in the dashboard, or ask ComfyDeploy's support.",
    what,
    limit,
  );
}

/** What ComfyDeploy's support asks for. */
function leakDetail({ id }: Session, startedAt: number): string {
  return l10n.t('It has been running since {0}. Its id is {1}.', dateAndTime(startedAt), id);
}

function leakedText(what: string, limit: string): string {
  return l10n.t(
    "{0} was closed, but its container started afterwards and is billed until {1} at the latest. It can't be ended from here: look in the dashboard, or send the session's id to ComfyDeploy's support.",
    what,
    limit,
  );
}
