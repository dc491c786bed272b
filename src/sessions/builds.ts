import * as l10n from '@vscode/l10n';
import type { Machine, MachineId } from '../comfydeploy/model';
import { ApiError } from '../platform/errors';
import { machinesOf, sessionsOf, type Snapshot } from './snapshot';
import type { Store } from './store';
import { until } from './waits';
import { HOUR } from '../platform/units';

/**
 * Whether a machine can host a session, or how far its build is. The dashboard also gives up on a build after an hour.
 */
export type Build = 'built' | 'building' | 'stuck' | 'failed' | 'unbuilt' | 'impossible';

/** Without the time of the last change, the server's status counts as it is. @param now server time, ms. */
export function buildOf({ hosting, updatedAt }: Pick<Machine, 'hosting' | 'updatedAt'>, now: number): Build {
  if (hosting.kind === 'able') return 'built';
  switch (hosting.why) {
    case 'unbuilt': // it may be building, or have failed before the build began: the server does not say
      return now - (updatedAt ?? -Infinity) < HOUR ? 'building' : 'unbuilt';
    case 'status':
      if (hosting.status === 'error') return 'failed';
      if (hosting.status !== 'building') return 'impossible';
      return now - (updatedAt ?? now) < HOUR ? 'building' : 'stuck';
    case 'type':
    case 'builder':
    case 'unread':
      return 'impossible';
  }
}

/** Whether a session can be requested: now, or once the build is done. */
export function isStartable({ hosting }: Pick<Machine, 'hosting'>): boolean {
  return hosting.kind === 'able' || (hosting.why === 'status' && hosting.status === 'building');
}

/** Machines on which a session can be started: those in use first, those still being built last. */
export function startable(snapshot: Snapshot): readonly Machine[] {
  const inUse = new Set(sessionsOf(snapshot).map(({ machineId }) => machineId));
  return machinesOf(snapshot)
    .filter(isStartable)
    .sort(
      (a, b) =>
        rankOf(a) - rankOf(b) || Number(inUse.has(b.id)) - Number(inUse.has(a.id)) || a.name.localeCompare(b.name),
    );
}

function rankOf({ hosting }: Machine): number {
  return hosting.kind === 'able' ? 0 : 1;
}

/** The build failed or is stuck (its log may say why), or there never was one. */
export class NotBuilt extends ApiError {
  constructor(
    readonly machineId: MachineId,
    message: string,
    readonly isNeverBuilt = false,
  ) {
    super('refused', message);
  }
}

/**
 * Checked before the user is asked anything about a session on the machine. A running build can be waited for; a
 * machine without a build stays without one until the user builds it. @param now server time, ms. @throws {NotBuilt}
 */
export function refuseUnbuilt({ id, name, hosting, updatedAt }: Machine, now: number): void {
  if (hosting.kind === 'unable' && hosting.why === 'unbuilt')
    throw new NotBuilt(id, notBuiltText('unbuilt', name), true);
  const build = buildOf({ hosting, updatedAt }, now);
  if (build !== 'built' && build !== 'building') throw new NotBuilt(id, notBuiltText(build, name));
}

/** Resolves when the machine can host a session. @param now server time, ms. @throws {NotBuilt}, or the signal's reason. */
export function untilBuilt(
  store: Pick<Store, 'snapshot' | 'follows' | 'onDidChange' | 'onDidEnd'>,
  { id, name }: Pick<Machine, 'id' | 'name'>,
  now: () => number,
  signal: AbortSignal,
): Promise<Machine> {
  return until(store, signal, (snapshot) => look(snapshot, id, name, now()));
}

function look(snapshot: Snapshot, id: MachineId, name: string, now: number): Machine | undefined {
  if (snapshot.kind === 'failed') return undefined;
  if (snapshot.kind !== 'ready')
    throw new NotBuilt(id, l10n.t('You are signed out, so waiting for {0} has stopped.', name));
  const machine = machinesOf(snapshot).find((one) => one.id === id);
  if (!machine && snapshot.problem) return undefined; // a list that could not be read proves nothing
  if (!machine) throw new NotBuilt(id, l10n.t('{0} was deleted in the meantime. No session was started.', name));
  const build = buildOf(machine, now);
  if (build === 'building') return undefined;
  if (build === 'built') return machine;
  throw new NotBuilt(id, notBuiltText(build, name));
}

function notBuiltText(build: Exclude<Build, 'built' | 'building'>, name: string): string {
  switch (build) {
    case 'failed':
      return l10n.t('The build of {0} failed. No session was started.', name);
    case 'stuck':
      return l10n.t(
        '{0} has been building for over an hour, so its build may be stuck. Rebuild it in the dashboard. No session was started.',
        name,
      );
    case 'unbuilt':
      return l10n.t('{0} has not been built yet. Build it in the dashboard first.', name);
    case 'impossible':
      return l10n.t("{0} can't run sessions. No session was started.", name);
  }
}
