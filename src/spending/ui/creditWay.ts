import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { WayOn } from '../../platform/ui/report';
import type { Settings } from '../../platform/ui/settings';

/** More credit mends what the server refuses for want of it; only its words say so. */
export function wayOnFromCredit(settings: Pick<Settings, 'dashboardPage'>): WayOn {
  return ({ said }) => {
    if (said === undefined || !/balance|credit/i.test(said)) return undefined;
    const go = () => vscode.env.openExternal(settings.dashboardPage('/pricing'));
    return { title: l10n.t('Add Credit'), go, mends: true };
  };
}
