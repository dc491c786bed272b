import { ApiError } from '../api/errors';
import type { SessionId } from '../model';
import { findSession, type Snapshot } from '../state/snapshot';
import { ComfyUi, type Web } from './client';

/** The ComfyUI of a session that is known. @throws {ApiError} if there is none, any more or yet. */
export function comfyUiOf(id: SessionId, snapshot: Snapshot, web: Web): ComfyUi {
  const session = findSession(snapshot, id);
  if (!session || session.phase === 'ending')
    throw new ApiError('missing', 'This session is over, and what was not saved of it is gone.');
  if (!('url' in session) || session.url === undefined)
    throw new ApiError('refused', 'This session has no outputs yet. Wait until it is ready.');
  return new ComfyUi(session.url, web);
}
