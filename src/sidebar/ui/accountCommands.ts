import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Money } from '../../spending/money';
import { toggleUnavailable } from '../displaySettings';
import type { Rounds } from '../../windows/round';
import type { Store } from '../../sessions/store';
import type { CommandHandlers } from '../../platform/ui/commands';
import { askToLeave, askToSwitch, type LeavingContext } from './leaving';
import type { Settings } from '../../platform/ui/settings';
import { confirm } from '../../platform/ui/pick';
import { inform } from '../../platform/ui/shown';
import { signIn, type SignInContext } from '../../accounts/ui/signIn';
import type { Targets } from './targets';
import type { TokenVault } from '../../accounts/ui/tokenVault';

interface AccountContext extends Omit<SignInContext, 'mayUse'>, LeavingContext {
  readonly vault: TokenVault;
  readonly settings: Settings;
  readonly targets: Targets;
  readonly rounds: Pick<Rounds, 'wake'>;
  readonly store: Pick<Store, 'snapshot'>;
  readonly money: Pick<Money, 'credit'>;
  readonly channel: Pick<vscode.LogOutputChannel, 'show'>;
}

type AccountHandlers = Pick<
  CommandHandlers,
  | 'signIn'
  | 'signOut'
  | 'refresh'
  | 'openDashboard'
  | 'toggleUnavailableMachines'
  | 'toggleUnavailableMachinesOff'
  | 'showLog'
>;

/** Commands about the account and the view rather than one session. */
export function accountCommands(context: AccountContext): AccountHandlers {
  const toggle = () => toggleUnavailable(context.settings);
  const { vault, settings, targets, rounds, store, money, channel } = context;
  return {
    signIn: () => signIn({ ...context, mayUse: (scope) => askToSwitch(context, scope) }),

    async signOut() {
      const key = await vault.get();
      if (key?.source === 'environment') {
        void inform(
          l10n.t(
            'The key comes from {0} in the environment. Unset it there and restart VS Code to sign out.',
            'COMFYDEPLOY_API_KEY',
          ),
        );
        return;
      }
      const isBehind = vault.behind() !== undefined;
      if (isBehind && !(await isToGoOn())) return;
      if (!(await askToLeave(context, 'signOut'))) return;
      await vault.forget();
      if (isBehind)
        void inform(l10n.t('You are now signed in with the key from {0} in the environment.', 'COMFYDEPLOY_API_KEY'));
    },

    refresh() {
      rounds.wake();
      if (store.snapshot.kind === 'ready') void money.credit.renew(true);
      return Promise.resolve();
    },

    async openDashboard(target) {
      const machine = targets.machineNear(target);
      const page = machine ? `/machines/${encodeURIComponent(machine.id)}` : '/sessions';
      await vscode.env.openExternal(settings.dashboardPage(page));
    },

    toggleUnavailableMachines: toggle,
    toggleUnavailableMachinesOff: toggle,

    showLog() {
      channel.show();
      return Promise.resolve();
    },
  };
}

/** Asks before the key from the environment takes over from the one that is removed: the user stays signed in. */
function isToGoOn(): Promise<boolean> {
  const detail = l10n.t(
    '{0} is set in the environment. After you sign out, VS Code uses that key and its account. To sign out completely, unset it there and restart VS Code.',
    'COMFYDEPLOY_API_KEY',
  );
  return confirm(l10n.t('Sign out and use the key from the environment?'), detail, l10n.t('Use That Key'));
}
