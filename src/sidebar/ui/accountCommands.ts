import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Money } from '../../spending/money';
import { toggleUnavailable } from '../displaySettings';
import type { Rounds } from '../../windows/round';
import type { Store } from '../../sessions/store';
import type { CommandHandlers } from '../../platform/ui/commands';
import { scopeOfKey, type Key } from '../../accounts/keyRing';
import { accountRow, type OtherAccount } from '../accounts';
import { askToLeave, type LeavingContext } from './leaving';
import type { Settings } from '../../platform/ui/settings';
import { confirm, pick } from '../../platform/ui/pick';
import { inform } from '../../platform/ui/shown';
import { signIn, type SignInContext } from '../../accounts/ui/signIn';
import type { Targets } from './targets';
import type { TokenVault } from '../../accounts/ui/tokenVault';

/** All accounts that are signed in. */
export interface Accounts {
  readonly others: () => readonly OtherAccount[];
  /** Looks at another account. The one before stays signed in and guarded. */
  readonly use: (key: Key) => Promise<void>;
}

interface AccountContext extends SignInContext, LeavingContext {
  readonly accounts: Accounts;
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
  | 'switchAccount'
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
    signIn: () => signIn(context),

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
      if (!key || !(await signOut(context, key))) return;
      if (isBehind)
        void inform(l10n.t('You are now signed in with the key from {0} in the environment.', 'COMFYDEPLOY_API_KEY'));
      else await useNext(context, key);
    },

    switchAccount: () => switchAccount(context),

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

async function switchAccount({ vault, accounts }: AccountContext): Promise<void> {
  const chosen = await pick({
    title: l10n.t('Switch Account'),
    placeholder: l10n.t('All accounts stay signed in, and their sessions are watched'),
    choices: accounts.others().map((other) => ({ value: other.scope, ...accountRow(other), icon: 'account' })),
  });
  const key = (await vault.all()).find((one) => scopeOfKey(one) === chosen);
  if (key) await accounts.use(key);
}

/** Whether it was done: sessions that would run unwatched are asked about first. */
export async function signOut(context: LeavingContext & { readonly vault: TokenVault }, key: Key): Promise<boolean> {
  if (!(await askToLeave(context))) return false;
  await context.vault.forget(key);
  return true;
}

/** After signing out, another account is used if there is one, on the same server if possible. */
async function useNext({ vault, accounts }: AccountContext, { server }: Key): Promise<void> {
  const all = await vault.all();
  const next = all.find((key) => key.server === server) ?? all[0];
  if (next) await accounts.use(next);
}

/** Asks before the key from the environment takes over from the one that is removed: the user stays signed in. */
function isToGoOn(): Promise<boolean> {
  const detail = l10n.t(
    '{0} is set in the environment. After you sign out, VS Code uses that key and its account. To sign out completely, unset it there and restart VS Code.',
    'COMFYDEPLOY_API_KEY',
  );
  return confirm(l10n.t('Sign out and use the key from the environment?'), detail, l10n.t('Use That Key'));
}
