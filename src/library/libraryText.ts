import * as l10n from '@vscode/l10n';
import type { KeptWorkflow } from '../comfydeploy/library';
import { ageOf } from '../platform/age';
import { age } from '../platform/durations';
import { failureAndHint } from '../platform/networkHint';
import { plainName } from '../platform/plainText';
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

interface RowText {
  readonly label: string;
  readonly description: string;
}

/** `portrait`, `sd-box · Ada · 5 min ago` */
export function workflowText(
  { name, machineId, userName, updatedAt }: KeptWorkflow,
  { snapshot, now }: LibraryTextInput,
): RowText {
  return { label: name, description: joined(machineName(machineId, snapshot), userName, since(updatedAt, now)) };
}

/** `Version 3`, `better eyes · Ada · 5 min ago` */
export function versionRowText(
  { number, comment, userId, createdAt }: VersionRow,
  { now, nameOf }: LibraryTextInput,
): RowText {
  const who = userId === undefined ? undefined : nameOf(userId);
  const said = comment === undefined ? undefined : plainName(comment, '');
  return { label: versionText(number), description: joined(said, who, since(createdAt, now)) };
}

/** The message above the rows: what went wrong, or what is searched for. */
export function messageOf(
  list: Listed<unknown> | undefined,
  { search, machineId }: Filter,
  { snapshot, localNow }: LibraryTextInput,
): string {
  const { problem, asOf } = list ?? {};
  const old = problem && asOf !== undefined ? ageOf(asOf, localNow) : undefined;
  const found =
    search === undefined
      ? machineId && l10n.t('On {0}', machineName(machineId, snapshot) ?? machineId)
      : l10n.t('Found: {0}', search);
  return [found, old === undefined ? undefined : l10n.t('Updated {0}.', age(old)), problem && failureAndHint(problem)]
    .filter(Boolean)
    .join(' ');
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
