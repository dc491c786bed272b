import * as l10n from '@vscode/l10n';
import { ApiError } from '../platform/errors';
import { pageOf, type Session } from '../comfydeploy/model';
import { ComfyUi, type Web } from './client';

/** The ComfyUI of a session. @throws {ApiError} if it has none, not yet or no longer. */
export function comfyUiOf(session: Session | undefined, web: Web): ComfyUi {
  if (!session || session.phase === 'ending')
    throw new ApiError('missing', l10n.t('This session is over, and what was not saved of it is gone.'));
  const url = pageOf(session);
  if (url !== undefined) return new ComfyUi(url, web);
  throw new ApiError('refused', l10n.t('This session is not ready yet. Wait until it is.'));
}
