import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { KeyNotRemoved } from '../../accounts/ui/tokenVault';
import type { ApiError } from '../../platform/errors';
import { wayTo, type Way, type WayOn } from '../../platform/ui/report';
import type { Settings } from '../../platform/ui/settings';
import { NotBuilt } from '../../sessions/builds';
import { StartFailed } from '../../sessions/waits';

/** A problem with a key is solved by signing in or out. */
export function wayOnFromKey(failure: ApiError): Way | undefined {
  if (failure instanceof KeyNotRemoved) return wayTo(l10n.t('Sign Out Again'), 'signOut');
  const { kind } = failure;
  return kind === 'unauthorized' || kind === 'keyStore' ? wayTo(l10n.t('Sign In'), 'signIn') : undefined;
}

/** The session's log says why it did not start; the build log says why its machine cannot run any. */
export function wayOnFromStart(failure: ApiError): Way | undefined {
  if (failure instanceof StartFailed)
    return wayTo(l10n.t('Show Session Log'), 'showSessionLog', { kind: 'session', sessionId: failure.sessionId });
  if (!(failure instanceof NotBuilt)) return undefined;
  const target = { kind: 'machine', machineId: failure.machineId };
  return failure.isNeverBuilt
    ? wayTo(l10n.t('Open Dashboard'), 'openMachineInDashboard', target)
    : wayTo(l10n.t('Show Build Log'), 'showBuildLog', target);
}

/** More credit solves a refusal for lack of it, which can only be recognized by the server's words. */
export function wayOnFromCredit(settings: Pick<Settings, 'dashboardPage'>): WayOn {
  return ({ said }) => {
    if (said === undefined || !/balance|credit/i.test(said)) return undefined;
    const go = () => vscode.env.openExternal(settings.dashboardPage('/pricing'));
    return { title: l10n.t('Add Credit'), go, mends: true };
  };
}
