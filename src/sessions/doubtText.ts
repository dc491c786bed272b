import { hourly } from '../platform/dollars';
import type { Doubt, Prices, Session } from '../comfydeploy/model';
import type { Snapshot } from './snapshot';
import { dateAndTime, timeOfDay } from '../platform/durations';
import { theSession } from './sessionText';

export interface DoubtTextInput {
  readonly snapshot: Snapshot;
  readonly prices: Prices | undefined;
}

/** What it means, and what to do. Says what stays true. */
export function doubtText(session: Session, doubt: Doubt, facts: DoubtTextInput): string {
  const what = theSession(session, facts.snapshot, 'The session');
  switch (doubt.kind) {
    case 'tooSoon':
      return `${what} is ended as soon as its container is known to ComfyDeploy. Ended now, it might start all the same and run on. Until it starts, it costs nothing.`;
    case 'unproven':
      return `${what} was closed before ComfyDeploy knew its container. The container may come up all the same, and is billed then. This is looked for until ${timeOfDay(doubt.until)}; nothing has to be done before.`;
    case 'unseen':
      return `${what} was closed before ComfyDeploy knew its container, and it has no machine whose events would show what became of it. If the container came up all the same, it is billed until ${dateAndTime(doubt.limit)} at the latest${costOf(session, facts)}, and cannot be followed or ended from here. The dashboard or ComfyDeploy's support can tell.`;
    case 'leaked': {
      const cost = costOf(session, facts);
      return `${what} was closed, but its container came up afterwards and is billed${cost}. ComfyDeploy offers no way to end it from here. It stops by itself on ${dateAndTime(doubt.until)} at the latest. To stop it sooner, look in the dashboard, or send the session's id to ComfyDeploy's support.`;
    }
  }
}

function costOf({ gpu }: Session, { prices }: DoubtTextInput): string {
  const price = prices?.get(gpu);
  return price === undefined ? '' : `, for about ${hourly(price)}`;
}
