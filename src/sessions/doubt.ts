import * as l10n from '@vscode/l10n';
import type { Doubt, Session } from '../comfydeploy/model';

/** Why a session that was ended is still shown. */
export function doubtOf(session: Session | undefined): Doubt | undefined {
  return session?.phase === 'ending' ? session.doubt : undefined;
}

/** What the doubt means, short enough for a row. */
export function doubtInShort(doubt: Doubt): string {
  switch (doubt.kind) {
    case 'tooSoon':
      return l10n.t('ends once its container is known');
    case 'unproven':
    case 'unseen':
      return l10n.t('closed early, may still be billed');
    case 'leaked':
      return l10n.t('still running and billed');
  }
}
