import * as l10n from '@vscode/l10n';
import { costOf } from '../spending/cost';
import { about, hourly } from '../platform/dollars';
import { gpuChoice } from '../spending/gpus';
import type { GuardPreferences } from '../sessions/preferences';
import { latestStart, type Machine, type Prices, type Session, type SessionId, type Work } from '../comfydeploy/model';
import { isStartable } from '../sessions/builds';
import type { Ready } from '../sessions/snapshot';
import { doubtOf } from '../sessions/doubt';
import { doubtText, type DoubtTextInput } from '../sessions/doubtText';
import { age } from '../platform/durations';
import { listText } from '../platform/language';
import { buildText } from './machineText';
import { coverText, leaseScheduled, leaseTerms, type LeaseTextInput } from '../guardian/leaseText';
import { scheduledOf } from '../guardian/scheduledText';
import { untilText } from '../spending/menus';
import type { Tooltip, TooltipLink } from '../platform/tooltip';
import { currentText, ownerOf, sessionName, type CurrentTextInput, type OwnerInput } from '../sessions/sessionText';
import { abilitiesOf, isGuarded, reasonOf } from './rows';
import { vramText, workDetail } from '../activity/workText';

export interface SessionTooltipInput extends OwnerInput, CurrentTextInput, DoubtTextInput, LeaseTextInput {
  readonly work: ReadonlyMap<SessionId, Work>;
  /** The guard preferences of a session. */
  readonly preferencesOf: (id: SessionId) => GuardPreferences;
}

export interface GpuTextInput {
  readonly prices: Prices | undefined;
}

export interface MachineTooltipInput extends GpuTextInput {
  /** Server time, ms. */
  readonly now: number;
}

/**
 * The details of a session and links to its commands. Contains neither its ids nor its address, which gives access to
 * it.
 */
export function sessionTooltip(session: Session, ready: Ready, input: SessionTooltipInput): Tooltip {
  const price = input.prices?.get(session.gpu);
  const work = input.work.get(session.id);
  const doubt = doubtOf(session);
  return {
    title: sessionName(session, ready),
    lines: known([
      [l10n.t('State'), stateLine(session, input)],
      [l10n.t('Details'), doubt && doubtText(session, doubt, input)],
      [l10n.t('Activity'), joined(workDetail(work, input.now), coverText(session, input), vramLine(work, input.now))],
      [l10n.t('Automatic'), scheduledText(session, ready, input)],
      [l10n.t('Lease'), isGuarded(session, ready) ? leaseTerms(session, input) : undefined],
      [l10n.t('GPU'), gpuText(session.gpu, input)],
      [l10n.t('Cost'), costLine(session, input)],
      [l10n.t('Started by'), ownerOf(session, ready, input.nameOf)],
    ]),
    ...(price === undefined ? {} : { note: l10n.t('Costs are estimates from list prices.') }),
    links: linksOf(session, ready),
  };
}

/** `24 min left, until 15:40`. */
function stateLine(session: Session, input: SessionTooltipInput): string {
  const state = currentText(session, input);
  if (!('endsAt' in session) || session.endsAt <= input.now) return state;
  return `${state}, ${untilText(session.endsAt, input.now)}`;
}

function vramLine(work: Work | undefined, now: number): string | undefined {
  const vram = vramText(work, now);
  return vram === undefined ? undefined : l10n.t('{0} of video memory', vram);
}

/** `about $0.31 so far, about $0.92 in total`; `at least` if the start is not known. */
function costLine(session: Session, { prices, now }: SessionTooltipInput): string | undefined {
  const price = prices?.get(session.gpu);
  if (price === undefined) return undefined;
  const until = (at: number) => {
    const cost = about(costOf(price, at - latestStart(session, now)));
    return session.createdAt === undefined ? l10n.t('at least {0}', cost) : cost;
  };
  const soFar = l10n.t('{0} so far', until(now));
  return 'endsAt' in session ? `${soFar}, ${l10n.t('{0} in total', until(session.endsAt))}` : soFar;
}

function joined(...parts: readonly (string | undefined)[]): string | undefined {
  return parts.filter((part) => part !== undefined).join(' · ') || undefined;
}

/** Each of these commands asks before it costs or ends anything. */
function linksOf(session: Session, ready: Ready): readonly TooltipLink[] {
  const can = abilitiesOf(session, ready);
  const target = { kind: 'session', sessionId: session.id };
  const links = [
    { needs: '+open', text: l10n.t('Open'), command: 'openSession', target },
    { needs: '+extend', text: l10n.t('Extend…'), command: 'extendSession', target },
    { needs: '+end', text: l10n.t('End…'), command: 'cancelSession', target },
  ];
  return links.flatMap(({ needs, ...link }) => (can.includes(needs) ? [link] : []));
}

/** What happens to it automatically. */
function scheduledText(session: Session, ready: Ready, { preferencesOf }: SessionTooltipInput): string | undefined {
  const scheduled = isGuarded(session, ready) ? scheduledOf(preferencesOf(session.id)) : [];
  // The lease has a line of its own.
  const others = scheduled.filter((text) => text !== leaseScheduled());
  return others.length === 0 ? undefined : listText(others);
}

export function machineTooltip(machine: Machine, input: MachineTooltipInput): Tooltip {
  return {
    title: machine.name,
    lines: known([
      [l10n.t('Sessions'), startableText(machine)],
      [l10n.t('GPU'), machine.gpu === undefined ? undefined : gpuText(machine.gpu, input)],
      [l10n.t('Build'), buildText(machine, input.now)],
      [l10n.t('ComfyUI'), machine.comfyUiVersion?.slice(0, 12)],
      [l10n.t('Changed'), machine.updatedAt === undefined ? undefined : age(input.now - machine.updatedAt)],
    ]),
  };
}

function startableText(machine: Machine): string {
  const reason = reasonOf(machine.hosting);
  if (reason === '') return l10n.t('can be started');
  return isStartable(machine) ? l10n.t("can't be started yet: {0}", reason) : l10n.t("can't be started: {0}", reason);
}

/** `A10G, 24 GB, $1.21 an hour`, as far as known. */
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
