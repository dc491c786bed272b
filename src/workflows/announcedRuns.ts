import * as z from 'zod/mini';
import type { SessionId } from '../comfydeploy/model';
import { parseJson } from '../platform/plainJson';
import type { Journal } from '../platform/journal';

const Announced = z.lazy(() => z.catchall(z.object({}), z.array(z.string())));
type Announced = z.output<typeof Announced>;

/** How many runs of each session are remembered, the last ones. */
const MOST_RUNS = 100;
/** How many sessions are remembered, the last ones. */
const MOST_SESSIONS = 50;

/**
 * Which runs were announced, or need not be: in a file that all windows share, so that only one window announces each.
 */
export class AnnouncedRuns {
  /** @param journal of the account in use. */
  constructor(private readonly journal: () => Promise<Journal>) {}

  /** Undefined for a session whose runs were never read. */
  async of(id: SessionId): Promise<ReadonlySet<string> | undefined> {
    const announced = announcedIn(await (await this.journal()).read())[id];
    return announced && new Set(announced);
  }

  /** Records that these are being announced. @returns those that were not announced before. */
  async claim(id: SessionId, runs: readonly string[]): Promise<ReadonlySet<string>> {
    const journal = await this.journal();
    return journal.exclusively(async () => {
      const { [id]: before = [], ...others } = announcedIn(await journal.read());
      const news = runs.filter((run) => !before.includes(run));
      const rest = Object.entries(others).slice(1 - MOST_SESSIONS);
      const announced: Announced = { ...Object.fromEntries(rest), [id]: [...before, ...news].slice(-MOST_RUNS) };
      await journal.replace(JSON.stringify(announced), false);
      return new Set(news);
    });
  }
}

/** Unreadable text counts as empty. */
function announcedIn(text: string): Announced {
  return z.safeParse(Announced, parseJson(text)).data ?? {};
}
