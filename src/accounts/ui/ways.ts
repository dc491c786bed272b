import * as l10n from '@vscode/l10n';
import type { ApiError } from '../../platform/errors';
import { wayTo, type Way } from '../../platform/ui/report';
import { KeyNotRemoved } from './tokenVault';

/** What is wrong with a key is mended by signing in or out. */
export function wayOnFromKey(failure: ApiError): Way | undefined {
  if (failure instanceof KeyNotRemoved) return wayTo(l10n.t('Sign Out Again'), 'signOut');
  const { kind } = failure;
  return kind === 'unauthorized' || kind === 'keyStore' ? wayTo(l10n.t('Sign In'), 'signIn') : undefined;
}
