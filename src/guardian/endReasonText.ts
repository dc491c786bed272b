import type { EndReason } from '../sessions/preferences';

/** Why a session was ended automatically: `it was idle`. */
export function endReasonText(why: EndReason): string {
  switch (why) {
    case 'idle':
      return 'it was idle';
    case 'finished':
      return 'its queue was empty';
    case 'atTime':
      return 'it was time, as you had set';
  }
}
