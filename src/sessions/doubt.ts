import type { Doubt, Session } from '../comfydeploy/model';

/** Why a session that was ended is on screen still. */
export function doubtOf(session: Session | undefined): Doubt | undefined {
  return session?.phase === 'ending' ? session.doubt : undefined;
}

/** What it means, short enough for a row. */
export function doubtInShort(doubt: Doubt): string {
  switch (doubt.kind) {
    case 'tooSoon':
      return 'ends once its container is known';
    case 'unproven':
    case 'unseen':
      return 'closed early, may still be billed';
    case 'leaked':
      return 'runs on, still billed';
  }
}
