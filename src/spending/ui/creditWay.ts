import * as vscode from 'vscode';
import type { WayOn } from '../../platform/ui/report';
import type { Settings } from '../../platform/ui/settings';

/** More credit mends what the server refuses for want of it; only its sentence tells. */
export function wayOnFromCredit(settings: Pick<Settings, 'dashboardPage'>): WayOn {
  return ({ kind, sentence }) => {
    if (kind === 'misconfigured' || !/balance|credit/i.test(sentence)) return undefined;
    const go = () => vscode.env.openExternal(settings.dashboardPage('/pricing'));
    return { title: 'Add Credit', go, mends: true };
  };
}
