import { costOf } from '../spending/cost';
import { about, hourly } from '../platform/dollars';
import { gpuChoice } from '../spending/gpus';
import type { Wish } from '../sessions/preferences';
import { latestStart, type Machine, type Prices, type Session, type SessionId, type Work } from '../comfydeploy/model';
import { isStartable } from '../sessions/builds';
import { isMine, type Ready } from '../sessions/snapshot';
import { accountText, type AccountTextInput } from './accountText';
import { doubtOf } from '../sessions/doubt';
import { doubtText, type DoubtTextInput } from '../sessions/doubtText';
import { age, dateAndTime, minutesText, timeOfDay } from '../platform/durations';
import { buildText } from './machineText';
import { promisesOf } from '../guardian/promiseText';
import type { Tooltip } from '../platform/tooltip';
import { currentText, ownerOf, sessionName, type CurrentTextInput, type OwnerInput } from '../sessions/sessionText';
import { reasonOf } from './rows';
import { vramText, workDetail } from '../activity/workText';

export interface SessionTooltipInput extends OwnerInput, CurrentTextInput, DoubtTextInput {
  readonly work: ReadonlyMap<SessionId, Work>;
  /** What the guardian is to do about a session. */
  readonly wishOf: (id: SessionId) => Wish;
}

export interface GpuTextInput {
  readonly prices: Prices | undefined;
}

export interface MachineTooltipInput extends GpuTextInput, AccountTextInput {
  /** Server time, ms. */
  readonly now: number;
}

const ESTIMATE = 'Costs are estimates from list prices and this clock; your invoice may differ.';

/** Everything known about a session except its address, which is a key. */
export function sessionTooltip(session: Session, ready: Ready, facts: SessionTooltipInput): Tooltip {
  const price = facts.prices?.get(session.gpu);
  const work = facts.work.get(session.id);
  const doubt = doubtOf(session);
  return {
    title: sessionName(session, ready, 'a machine that is not listed'),
    lines: known([
      ['State', currentText(session, facts)],
      ['What it means', doubt && doubtText(session, doubt, facts)],
      ['Work', workDetail(work, facts.now)],
      ['VRAM', vramText(work, facts.now)],
      ['Promised', promised(session, ready, facts)],
      ['Ends', 'endsAt' in session ? timeOfDay(session.endsAt) : undefined],
      ['GPU', gpuText(session.gpu, facts)],
      ['Cost so far', costText(session, facts.now, facts)],
      ['Cost to the end', 'endsAt' in session ? costText(session, session.endsAt, facts) : undefined],
      ['Started', startText(session, facts.now)],
      ['Asked for', session.timeout === undefined ? undefined : minutesText(session.timeout)],
      ['Started by', ownerOf(session, ready, facts.nameOf)],
      ['Session', session.id],
      ['GPU event', session.gpuEventId],
      ['Machine', session.machineId],
      ['Machine version', session.machineVersionId],
    ]),
    ...(price === undefined ? {} : { note: ESTIMATE }),
  };
}

/** Until then, ms; at least so much where it is not known since when. */
function costText(session: Session, until: number, { prices, now }: SessionTooltipInput): string | undefined {
  const price = prices?.get(session.gpu);
  if (price === undefined) return undefined;
  const cost = about(costOf(price, until - latestStart(session, now)));
  return session.createdAt === undefined ? `at least ${cost}` : cost;
}

function startText(session: Session, now: number): string {
  if (session.createdAt !== undefined) return dateAndTime(session.createdAt);
  return `unknown, no later than ${dateAndTime(latestStart(session, now))}`;
}

/** What happens to it by itself. */
function promised(session: Session, { account }: Ready, { wishOf }: SessionTooltipInput): string | undefined {
  const promises = session.phase === 'ready' && isMine(account, session) ? promisesOf(wishOf(session.id)) : [];
  return promises.length === 0 ? undefined : promises.join(', ');
}

export function machineTooltip(machine: Machine, facts: MachineTooltipInput): Tooltip {
  const reason = reasonOf(machine.hosting);
  return {
    title: machine.name,
    lines: known([
      [
        'Sessions',
        reason === '' ? 'can be started' : `cannot be started${isStartable(machine) ? ' yet' : ''}: ${reason}`,
      ],
      ['GPU', machine.gpu === undefined ? undefined : gpuText(machine.gpu, facts)],
      ['Build', buildText(machine, facts.now)],
      ['Builder', machine.version],
      ['ComfyUI', machine.comfyUiVersion?.slice(0, 12)],
      ['Changed', machine.updatedAt === undefined ? undefined : age(facts.now - machine.updatedAt)],
      ['Machine', machine.id],
      ['Machine version', machine.versionId],
      ['Account', accountText(facts)],
    ]),
  };
}

/** `A10G, 24 GB, $1.21 an hour`, as far as it is known. */
export function gpuText(gpu: string, { prices }: GpuTextInput): string {
  const { vram, price } = gpuChoice(gpu, prices);
  const parts = [
    gpu,
    vram === undefined ? undefined : `${vram} GB`,
    price === undefined ? 'price unknown' : hourly(price),
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function known(lines: readonly (readonly [string, string | undefined])[]): Tooltip['lines'] {
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}
