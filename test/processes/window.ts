import { climb, isTrustworthy, type Ladder } from '../../src/core/guard/ladder';
import { createKnowledge } from '../../src/core/knowledge';
import { systemClock } from '../../src/core/state/clock';
import { Rounds } from '../../src/core/state/round';
import { filesIn } from '../../src/host/journalFile';
import { FakeMemento } from '../fakes/vscode/storage';
import { Question, type State } from './messages';

// One window of the editor as a process of its own. The core, the disk and the time are real.

const [folder = '', apiUrl = '', token = ''] = process.argv.slice(2);
const failures: string[] = [];
const fail = (error: unknown) => void failures.push(error instanceof Error ? error.message : 'no reason given');
const knowledge = createKnowledge({
  keys: { get: () => Promise.resolve({ token, source: 'stored' }) },
  files: filesIn(folder),
  memory: new FakeMemento(),
  clock: systemClock,
  log: { debug: () => undefined, info: () => undefined, warn: fail },
  random: Math.random,
  wishes: () => ({ showUnavailable: true, warnAt: [5] }),
  presence: () => ({ isWatched: true, isFocused: false, inUse: [] }),
  baseUrl: () => apiUrl,
  fetch,
});
const { seat, store, facts } = knowledge;
const rounds = new Rounds({ ...knowledge, clock: systemClock, failed: fail, during: (round) => round() });

let ladder: Ladder = new Map();
let notices = 0;

/** Says once when a session is about to end. */
async function warn(): Promise<void> {
  const { snapshot, now, localNow, warnAt: rungs } = facts();
  if (!seat.isMine || snapshot.kind !== 'ready' || !isTrustworthy(snapshot, localNow)) return;
  const step = climb(ladder, snapshot, now, { rungs, muted: new Set(), held: new Set(), watchOthers: false });
  ladder = step.ladder;
  if (step.warnings.length > 0 && (await seat.confirm())) notices += step.warnings.length;
}

async function stateFor({ number: question, confirms }: Question): Promise<State> {
  const isMine = confirms ? await seat.confirm() : seat.isMine;
  const { snapshot } = store;
  const [sessions, age] = snapshot.kind === 'ready' ? [snapshot.sessions.length, Date.now() - snapshot.asOf] : [0, -1];
  return { question, isMine, sessions, age, notices, failures };
}

knowledge.onDidChange(() => void warn().catch(fail));
seat.onDidChange(() => void warn().catch(fail));
process.on('message', (message) => void stateFor(Question.parse(message)).then((state) => process.send?.(state)));
process.on('disconnect', () => process.exit());
rounds.start();
