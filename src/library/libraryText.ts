import * as l10n from '@vscode/l10n';
import type { KeptWorkflow } from '../comfydeploy/library';
import { skippedText } from '../comfydeploy/rowReading';
import { ageOf } from '../platform/age';
import { age } from '../platform/durations';
import { failureAndHint } from '../platform/networkHint';
import { plainName } from '../platform/plainText';
import type { Tooltip } from '../platform/tooltip';
import type { MachineId } from '../comfydeploy/model';
import { machineOf, type Snapshot } from '../sessions/snapshot';
import type { Filter, Listed, VersionRow } from './shelf';
import { versionText } from './versionText';

export interface LibraryTextInput {
  readonly snapshot: Snapshot;
  /** Server time, ms. */
  readonly now: number;
  /** Local clock, ms. */
  readonly localNow: number;
  readonly nameOf: (userId: string) => string | undefined;
}

export interface RowText {
  readonly label: string;
  readonly description: string;
}

/** `portrait`, `sd-box · Ada · 5 min ago` */
export function workflowText(
  { name, machineId, userId, userName, updatedAt }: KeptWorkflow,
  { snapshot, now }: LibraryTextInput,
): RowText {
  const who = isOwn(userId, snapshot) ? undefined : userName;
  return { label: name, description: joined(machineName(machineId, snapshot), who, since(updatedAt, now)) };
}

/** `Version 3`, `better eyes · Ada · 5 min ago` */
export function versionRowText(
  { number, comment, userId, createdAt }: VersionRow,
  { snapshot, now, nameOf }: LibraryTextInput,
): RowText {
  const who = userId === undefined || isOwn(userId, snapshot) ? undefined : nameOf(userId);
  const said = comment === undefined ? undefined : plainName(comment, '');
  return { label: versionText(number), description: joined(said, who, since(createdAt, now)) };
}

/** What a row may cut: the whole name or comment, and when exactly. */
export function tooltipOf({ wholeName, updatedAt }: KeptWorkflow, version?: VersionRow): Tooltip {
  const { number = 0, comment, createdAt = updatedAt } = version ?? {};
  return {
    title: wholeName,
    lines: version ? [[versionText(number), comment ?? '']] : [],
    ...(createdAt === undefined
      ? {}
      : { note: new Date(createdAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) }),
  };
}

export function noVersions(): string {
  return l10n.t('This workflow has no versions yet.');
}

/** The message above the rows: what went wrong, or what is searched for. */
export function messageOf(
  list: Listed<unknown> | undefined,
  { search, machineId }: Filter,
  { snapshot, localNow }: LibraryTextInput,
): string {
  const { problem, asOf } = list ?? {};
  const old = problem && asOf !== undefined ? ageOf(asOf, localNow) : undefined;
  const machine = machineId && (machineName(machineId, snapshot) ?? machineId);
  const isFound = search !== undefined || list?.sent !== 0;
  const isKnown = !problem || (list?.rows.length ?? 0) > 0;
  const found = [
    search && isKnown && foundText(search, list?.sent),
    machine && isKnown && (isFound ? l10n.t('On {0}', machine) : foundText(machine, 0)),
  ];
  return [
    found.filter(Boolean).join(' · '),
    list?.unread ? skippedText(list.unread) : undefined,
    old === undefined ? undefined : l10n.t('Updated {0}.', age(old)),
    problem && failureAndHint(problem),
  ]
    .filter(Boolean)
    .join(' ');
}

export function foundText(wanted: string, count: number | undefined): string {
  return count === 0 ? l10n.t('Not found: {0}', wanted) : l10n.t('Found: {0}', wanted);
}

function isOwn(userId: string | undefined, snapshot: Snapshot): boolean {
  return snapshot.kind === 'ready' && snapshot.account.userId === userId;
}

function machineName(machineId: MachineId | undefined, snapshot: Snapshot): string | undefined {
  return machineOf(snapshot, { machineId })?.name;
}

function since(at: number | undefined, now: number): string | undefined {
  const old = at === undefined ? undefined : ageOf(at, now);
  return old === undefined ? undefined : age(old);
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter(Boolean).join(' · ');
}
