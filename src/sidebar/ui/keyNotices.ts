import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { when } from '../../platform/durations';
import type { Memory } from '../../platform/memory';
import { run } from '../../platform/ui/commands';
import { warn } from '../../platform/ui/shown';
import { accountName, runsOutAt, type AccountInput, type OtherAccount } from '../accounts';

export interface KeyNoticesInput extends AccountInput {
  /** Server time, ms. */
  readonly now: number;
}

interface Signed extends OtherAccount<KeyNoticesInput> {
  /** Neither of both while it is being looked at for the first time. */
  readonly isInUse: boolean;
  readonly isOther: boolean;
  readonly nameOf: AccountInput['nameOf'];
}

const SLOT = 'toldKeys';
/** Announcements that are remembered. */
const MOST = 50;

/** Announces once, in the window in front, that a key runs out within a day, or that an account is not watched. */
export class KeyNotices {
  constructor(
    private readonly memory: Memory,
    private readonly accounts: () => readonly Signed[],
    private readonly report: (error: unknown) => void,
  ) {}

  redraw(): void {
    if (!vscode.window.state.focused) return;
    for (const one of this.accounts()) {
      const text = noticeOf(one);
      if (text !== undefined && this.#isNews(one, text.about)) this.#announce(one, text.says).catch(this.report);
    }
  }

  #isNews({ scope, account }: Signed, about: string): boolean {
    const told = this.memory.get(SLOT);
    const before: readonly unknown[] = Array.isArray(told) ? told : [];
    const news = `${scope} ${account.expiresAt} ${about}`;
    if (before.includes(news)) return false;
    void this.memory.update(SLOT, [news, ...before].slice(0, MOST));
    return true;
  }

  async #announce({ scope }: Signed, text: string): Promise<void> {
    const signIn = l10n.t('Sign In');
    if ((await warn(text, signIn)) === signIn) await run('signIn', { kind: 'account', account: scope });
  }
}

function noticeOf(one: Signed): { readonly about: string; readonly says: string } | undefined {
  const { now, snapshot } = one.appState();
  const name = accountName(one, one.nameOf);
  // The view says it of the account in use.
  if (snapshot.kind === 'signedOut' && one.isOther) {
    const says = l10n.t(
      'The key of {0} is no longer valid. Its sessions are not watched until you sign in again.',
      name,
    );
    return { about: 'rejected', says };
  }
  const at = one.isInUse || one.isOther ? runsOutAt(one.account, now) : undefined;
  if (at === undefined) return undefined;
  const says = l10n.t(
    'The key of {0} runs out {1}. Sign in again so that its sessions stay watched.',
    name,
    when(at, now),
  );
  return { about: 'soon', says };
}
