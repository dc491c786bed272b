import * as z from 'zod/mini';
import type { SessionId } from '../comfydeploy/model';
import { parseJson } from '../platform/plainJson';
import type { Journal } from '../platform/journal';

const Told = z.lazy(() => z.catchall(z.object({}), z.array(z.string())));
type Told = z.output<typeof Told>;

/** Of so many runs of each session, the last ones. */
const MOST_RUNS = 100;
/** Of so many sessions, the last ones. */
const MOST_SESSIONS = 50;

/** Of which runs the user was told, or need not be: in a file that all windows share, so that one of them tells it. */
export class ToldRuns {
  /** @param journal of the account in use. */
  constructor(private readonly journal: () => Promise<Journal>) {}

  /** Undefined for a session that nobody has looked at. */
  async of(id: SessionId): Promise<ReadonlySet<string> | undefined> {
    const told = toldIn(await (await this.journal()).read())[id];
    return told && new Set(told);
  }

  /** Writes down that they are told now. @returns those that were not before. */
  async claim(id: SessionId, runs: readonly string[]): Promise<ReadonlySet<string>> {
    const journal = await this.journal();
    return journal.exclusively(async () => {
      const { [id]: before = [], ...others } = toldIn(await journal.read());
      const news = runs.filter((run) => !before.includes(run));
      const rest = Object.entries(others).slice(1 - MOST_SESSIONS);
      const told: Told = { ...Object.fromEntries(rest), [id]: [...before, ...news].slice(-MOST_RUNS) };
      await journal.replace(JSON.stringify(told), false);
      return new Set(news);
    });
  }
}

/** What cannot be read is taken for empty. */
function toldIn(text: string): Told {
  return z.safeParse(Told, parseJson(text)).data ?? {};
}
