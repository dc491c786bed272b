import type { Ended } from './snapshot';

/** How a session came to be over: a headline, and what that means. */
export const OVER: Readonly<Record<Ended['why'] | 'unknown', readonly [headline: string, detail: string]>> = {
  cancelled: ['This session was ended', 'You ended it here, and it is billed no longer.'],
  deadline: ['This session has reached its end', 'Its time was up, and ComfyDeploy stopped the GPU.'],
  elsewhere: ['This session has ended', 'It ended elsewhere, or while nobody looked, and is billed no longer.'],
  failedToStart: ['This session did not start', 'ComfyDeploy gave up on it.'],
  unknown: ['This session is over', 'ComfyDeploy does not know it in this account.'],
};

/** How the session came to be over, in one line. */
export function overText(why: keyof typeof OVER): string {
  return OVER[why].join('. ');
}
