import * as l10n from '@vscode/l10n';
import type { Account, Prices } from '../comfydeploy/model';
import { isOfficial } from '../platform/baseUrl';
import { about } from '../platform/dollars';
import type { Tooltip } from '../platform/tooltip';
import { DAY } from '../platform/units';
import { ownBilled, problemOf, type Snapshot } from '../sessions/snapshot';
import { spendingLines, type SpendingLinesInput } from '../spending/moneyText';
import { titleOf, type AccountTextInput } from './accountText';
import { hourlyOf } from './burnText';
import { WARNING_COLOR, type AccountRow } from './rowFields';
import { countText } from './rows';

// Accounts that are signed in, and guarded like the one in use, but not looked at.

type Named = Pick<OtherAccount, 'server' | 'account'>;

export interface AccountInput extends AccountTextInput, SpendingLinesInput {
  readonly prices: Prices | undefined;
}

/** An account that is signed in but not in use. */
export interface OtherAccount<Input extends AccountInput = AccountInput> {
  /** The account on its server, as a short hash. */
  readonly scope: string;
  readonly server: string;
  readonly account: Account;
  readonly appState: () => Input;
}

/** What names an account to a command. */
export function targetOf(snapshot: Snapshot): { readonly kind: 'account'; readonly account: string } | undefined {
  return snapshot.kind === 'ready' ? { kind: 'account', account: snapshot.scope } : undefined;
}

/** `Ada Lovelace · org …f3kZ9a · comfy.example.com`; ComfyDeploy's own server needs no mention. */
export function accountName({ server, account }: Named, nameOf: AccountTextInput['nameOf']): string {
  const title = titleOf(account, nameOf);
  const host = isOfficial(server) && title !== undefined ? [] : [new URL(server).host];
  return [title ?? [], ...host].flat().join(' · ');
}

/** The row of an account, with its money, above its sessions. */
export function accountRow(other: OtherAccount): AccountRow {
  const { scope } = other;
  const input = other.appState();
  const trouble = troubleOf(input.snapshot);
  const label = accountName(other, input.nameOf);
  const description = trouble ?? stateOf(input);
  return {
    kind: 'account',
    id: `account:${scope}`,
    account: scope,
    parent: undefined,
    label,
    description,
    icon: trouble === undefined ? { id: 'account' } : { id: 'warning', color: WARNING_COLOR },
    contextValue: 'account',
    ariaLabel: [l10n.t('Account {0}', label), description].join(', '),
    isDimmed: false,
    hasChildren: ownBilled(input.snapshot).length > 0,
  };
}

/** Why its sessions may be other than shown. */
function troubleOf(snapshot: Snapshot): string | undefined {
  if (snapshot.kind === 'signedOut') return l10n.t('not watched: sign in again');
  return problemOf(snapshot) ? l10n.t("can't be reached") : undefined;
}

/** `2 live sessions · $2.44 an hour`. */
function stateOf({ snapshot, prices }: AccountInput): string {
  const sessions = ownBilled(snapshot);
  return [countText(sessions.length), hourlyOf(sessions, prices).sum ?? []].flat().join(' · ');
}

export function accountTooltip(other: OtherAccount): Tooltip {
  const input = other.appState();
  return { title: accountName(other, input.nameOf), lines: spendingLines(input) };
}

/** What each of the other accounts has running and has cost today, and what all of them cost together. */
export function accountLines(inUse: AccountInput, others: readonly OtherAccount[]): Tooltip['lines'] {
  if (others.length === 0) return [];
  const spent = [inUse, ...others.map(({ appState }) => appState())].map(({ spending }) => spending);
  const sum = (of: 'today' | 'month') => about(spent.reduce((total, one) => total + one[of], 0n));
  return [
    ...others.map((other) => {
      const { label, description } = accountRow(other);
      return [label, `${description} · ${l10n.t('{0} today', about(other.appState().spending.today))}`] as const;
    }),
    [l10n.t('All accounts'), l10n.t('{0} today, {1} this month', sum('today'), sum('month'))],
  ];
}

/** When an account's key runs out, if that is within a day. Keys from the browser last seven. ms. */
export function runsOutAt({ expiresAt }: Account, now: number): number | undefined {
  return expiresAt !== undefined && expiresAt > now && expiresAt - now <= DAY ? expiresAt : undefined;
}
