import type { LogLine } from '../../../src/comfydeploy/logs';
import { BoundedLog } from '../../../src/logs/boundedLog';
import { Replay } from '../../../src/logs/replay';

export const lineAt = (message: string, at: number): LogLine => ({ message, level: 'info', at });

/** Reads each replay to its end, a few lines at a time. */
export function follow(
  replays: readonly (readonly LogLine[])[],
  bounds = { lines: 1_000, characters: 10_000 },
  size = 3,
) {
  const kept = new BoundedLog(bounds);
  const news: LogLine[] = [];
  let gaps = 0;
  for (const all of replays) {
    const replay = new Replay(kept);
    for (let start = 0; start < all.length; start += size) {
      const taken = replay.take(all.slice(start, start + size));
      kept.add(taken.news);
      news.push(...taken.news);
      gaps += Number(taken.isGap);
    }
  }
  return { kept, news, gaps };
}
