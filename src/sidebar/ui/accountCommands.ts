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

const BEHIND =
  'COMFYDEPLOY_API_KEY is set in the environment. Once you sign out, VS Code uses that key, and the account it belongs to. To be signed out altogether, unset it there and restart.';
const GO_ON = 'Use That Key';

interface AccountContext extends Omit<SignInContext, 'mayUse'>, LeavingContext {
  readonly vault: TokenVault;
  readonly settings: Settings;
  readonly targets: Targets;
  readonly rounds: Pick<Rounds, 'wake'>;
  readonly store: Pick<Store, 'snapshot'>;
  readonly money: Pick<Money, 'credit'>;
  readonly channel: Pick<vscode.LogOutputChannel, 'show'>;
}

/** What is about the account and the view rather than about one session. */
export function accountCommands(
  context: AccountContext,
): Pick<CommandHandlers, 'signIn' | 'signOut' | 'refresh' | 'openDashboard' | 'toggleUnavailableMachines' | 'showLog'> {
  const { vault, settings, targets, rounds, store, money, channel } = context;
  return {
    signIn: () => signIn({ ...context, mayUse: (scope) => askToSwitch(context, scope) }),

    async signOut() {
      const key = await vault.get();
      if (key?.source === 'environment') {
        void inform(
          'The key comes from COMFYDEPLOY_API_KEY in the environment. Unset it there and restart to sign out.',
        );
        return;
      }
      const isBehind = vault.behind() !== undefined;
      if (isBehind && !(await confirm('Sign out, and go on with the key from the environment?', BEHIND, GO_ON))) return;
      if (!(await askToLeave(context, 'Sign out', 'Sign Out'))) return;
      await vault.forget();
      if (isBehind) void inform('You are signed in with the key from COMFYDEPLOY_API_KEY in the environment now.');
    },

    refresh() {
      rounds.wake();
      if (store.snapshot.kind === 'ready') void money.credit.renew(true);
      return Promise.resolve();
    },

    async openDashboard(target) {
      const machine = targets.machine(target);
      const page = machine ? `/machines/${encodeURIComponent(machine.id)}` : '/sessions';
      await vscode.env.openExternal(settings.dashboardPage(page));
    },

    async toggleUnavailableMachines() {
      await toggleUnavailable(settings);
    },

    showLog() {
      channel.show();
      return Promise.resolve();
    },
  };
}
