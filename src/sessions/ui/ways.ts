import * as l10n from '@vscode/l10n';
import type { ApiError } from '../../platform/errors';
import { NotBuilt } from '../builds';
import { StartFailed } from '../waits';
import { wayTo, type Way } from '../../platform/ui/report';

/** Why a session did not start stands in its log, and why its machine cannot run any in the log of the build. */
export function wayOnFromStart(failure: ApiError): Way | undefined {
  if (failure instanceof StartFailed)
    return wayTo(l10n.t('Show Session Log'), 'showSessionLog', { kind: 'session', sessionId: failure.sessionId });
  if (!(failure instanceof NotBuilt)) return undefined;
  const target = { kind: 'machine', machineId: failure.machineId };
  return failure.isNeverBuilt
    ? wayTo(l10n.t('Open Dashboard'), 'openMachineInDashboard', target)
    : wayTo(l10n.t('Show Build Log'), 'showBuildLog', target);
}
