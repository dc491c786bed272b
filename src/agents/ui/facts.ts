import type { Session } from '../../comfydeploy/model';
import * as l10n from '@vscode/l10n';
import { ApiError } from '../../platform/errors';
import { listText } from '../../platform/language';
import { MINUTE, BILLIONTHS } from '../../platform/units';
import { machineOf } from '../../sessions/snapshot';
import type { AgentInput } from './tool';

/** Rows of a list: the rest is told as their number. */
export const MOST = 50;

export function dollarsOf(billionths: bigint): number {
  return Number(billionths) / BILLIONTHS;
}

/** Never its address. */
export function factsOf(session: Session, { snapshot, now, work, spending }: AgentInput): object {
  const { id, gpu, phase } = session;
  return {
    session: id,
    machine: machineOf(snapshot, session)?.name,
    gpu,
    state: phase,
    minutesLeft: 'endsAt' in session ? Math.floor((session.endsAt - now) / MINUTE) : undefined,
    doing: work.get(id)?.activity.kind,
    dollarsSoFar: dollarsOf(spending.of(id)),
  };
}

export function possible(names: readonly string[]): ApiError {
  return new ApiError('refused', l10n.t('Possible: {0}.', listText(names.slice(0, MOST))));
}
