import * as l10n from '@vscode/l10n';
import { costOf } from '../spending/cost';
import { about, hourly } from '../platform/dollars';
import { gpuChoice } from '../spending/gpus';
import type { Wish } from '../sessions/preferences';
import { latestStart, type Machine, type Prices, type Session, type SessionId, type Work } from '../comfydeploy/model';
import { isStartable } from '../sessions/builds';
import { isOwn, type Ready } from '../sessions/snapshot';
import { accountText, type AccountTextInput } from './accountText';
import { doubtOf } from '../sessions/doubt';
import { doubtText, type DoubtTextInput } from '../sessions/doubtText';
import { age, dateAndTime, minutesText, timeOfDay } from '../platform/durations';
import { listText } from '../platform/language';
import { buildText } from './machineText';
import { coverText, leaseTerms, type LeaseTextInput } from '../guardian/leaseText';
import { promisesOf } from '../guardian/promiseText';
import type { Tooltip } from '../platform/tooltip';
import { currentText, ownerOf, sessionName, type CurrentTextInput, type OwnerInput } from '../sessions/sessionText';
import { reasonOf } from './rows';
import { vramText, workDetail } from '../activity/workText';

export interface SessionTooltipInput extends OwnerInput, CurrentTextInput, DoubtTextInput, LeaseTextInput {
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

/** Everything known about a session except its address, which is a key. */
export function sessionTooltip(session: Session, ready: Ready, facts: SessionTooltipInput): Tooltip {
  const price = facts.prices?.get(session.gpu);
  const work = facts.work.get(session.id);
  const doubt = doubtOf(session);
  return {
    title: sessionName(session, ready, l10n.t('a machine that is not listed')),
    lines: known([
      [l10n.t('State'), currentText(session, facts)],
      [l10n.t('Details'), doubt && doubtText(session, doubt, facts)],
      [l10n.t('Activity'), workDetail(work, facts.now)],
      [l10n.t('VRAM'), vramText(work, facts.now)],
      [l10n.t('Automatic'), promised(session, ready, facts)],
      [l10n.t('Lease'), isOwnReady(session, ready) ? leaseTerms(session, facts) : undefined],
      [l10n.t('Queue'), isOwnReady(session, ready) ? coverText(session, facts) : undefined],
      [l10n.t('Ends'), 'endsAt' in session ? timeOfDay(session.endsAt) : undefined],
      [l10n.t('GPU'), gpuText(session.gpu, facts)],
      [l10n.t('Cost so far'), costText(session, facts.now, facts)],
      [l10n.t('Total cost'), 'endsAt' in session ? costText(session, session.endsAt, facts) : undefined],
      [l10n.t('Started'), startText(session, facts.now)],
      [l10n.t('Requested'), session.timeout === undefined ? undefined : minutesText(session.timeout)],
      [l10n.t('Started by'), ownerOf(session, ready, facts.nameOf)],
      [l10n.t('Session'), session.id],
      [l10n.t('GPU event'), session.gpuEventId],
      [l10n.t('Machine'), session.machineId],
      [l10n.t('Machine version'), session.machineVersionId],
    ]),
    ...(price === undefined
      ? {}
      : { note: l10n.t('Costs are estimates from list prices and this computer’s clock; your invoice may differ.') }),
  };
}

/** Until then, ms; at least so much where it is not known since when. */
function costText(session: Session, until: number, { prices, now }: SessionTooltipInput): string | undefined {
  const price = prices?.get(session.gpu);
  if (price === undefined) return undefined;
  const cost = about(costOf(price, until - latestStart(session, now)));
  return session.createdAt === undefined ? l10n.t('at least {0}', cost) : cost;
}

function startText(session: Session, now: number): string {
  if (session.createdAt !== undefined) return dateAndTime(session.createdAt);
  return l10n.t('unknown, no later than {0}', dateAndTime(latestStart(session, now)));
}

/** What happens to it by itself. */
function promised(session: Session, ready: Ready, { wishOf }: SessionTooltipInput): string | undefined {
  const promises = isOwnReady(session, ready) ? promisesOf(wishOf(session.id)) : [];
  return promises.length === 0 ? undefined : listText(promises);
}

function isOwnReady(session: Session, { account }: Ready): boolean {
  return session.phase === 'ready' && isOwn(account, session);
}

export function machineTooltip(machine: Machine, facts: MachineTooltipInput): Tooltip {
  return {
    title: machine.name,
    lines: known([
      [l10n.t('Sessions'), startableText(machine)],
      [l10n.t('GPU'), machine.gpu === undefined ? undefined : gpuText(machine.gpu, facts)],
      [l10n.t('Build'), buildText(machine, facts.now)],
      [l10n.t('Builder'), machine.version],
      [l10n.t('ComfyUI'), machine.comfyUiVersion?.slice(0, 12)],
      [l10n.t('Changed'), machine.updatedAt === undefined ? undefined : age(facts.now - machine.updatedAt)],
      [l10n.t('Machine'), machine.id],
      [l10n.t('Machine version'), machine.versionId],
      [l10n.t('Account'), accountText(facts)],
    ]),
  };
}

function startableText(machine: Machine): string {
  const reason = reasonOf(machine.hosting);
  if (reason === '') return l10n.t('can be started');
  return isStartable(machine) ? l10n.t("can't be started yet: {0}", reason) : l10n.t("can't be started: {0}", reason);
}

/** `A10G, 24 GB, $1.21 an hour`, as far as it is known. */
export function gpuText(gpu: string, { prices }: GpuTextInput): string {
  const { vram, price } = gpuChoice(gpu, prices);
  const parts = [
    gpu,
    vram === undefined ? undefined : l10n.t('{0} GB', vram),
    price === undefined ? l10n.t('price unknown') : hourly(price),
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function known(lines: readonly (readonly [string, string | undefined])[]): Tooltip['lines'] {
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}
