import { NO_SPENDING_LIMITS } from '../../src/spending/spendingLimits';
import { createApp } from '../../src/app';
import { systemClock } from '../../src/platform/clock';
import { Rounds } from '../../src/windows/round';
import { createGuarding } from '../../src/timers';
import { filesIn } from '../../src/platform/node/journalFile';
import { FakeMemento } from '../fakes/vscode/storage';
import { Question, type State } from './messages';
import { USUAL_SETTINGS } from '../fakes/guardSettings';

// One window of the editor as a process of its own. The core, the files and the clock are real.

const [folder = '', apiUrl = '', token = ''] = process.argv.slice(2);
const failures: string[] = [];
const fail = (error: unknown) => void failures.push(error instanceof Error ? error.message : 'no reason given');
/** All windows share a memory in which a window was open long ago, so that sessions running since then are reported. */
const memory = new FakeMemento();
void memory.update('seenAt', Date.UTC(2025, 0));
const app = createApp({
  keys: { get: () => Promise.resolve({ token, source: 'stored', server: apiUrl }) },
  files: filesIn(folder),
  memory,
  clock: systemClock,
  log: { trace: () => undefined, info: () => undefined, warn: fail },
  random: Math.random,
  display: () => ({ warnAt: [5], spendingLimits: NO_SPENDING_LIMITS }),
  guardSettings: () => USUAL_SETTINGS,
  presence: () => ({ isWatched: true, isFocused: true, inUse: [], saving: [] }),
  baseUrl: () => apiUrl,
  fetch,
});
const { store, guardian } = app;
const { leadership } = app.windows;
const rounds = new Rounds({ ...app, ...app.windows, clock: systemClock, failed: fail, during: (round) => round() });

const notices: string[] = [];
guardian.onDidAnnounce(({ kind }) => notices.push(kind));
createGuarding(app, { clock: systemClock, failed: fail });

async function stateFor({ number: question, confirms }: Question): Promise<State> {
  const isLeader = confirms ? await leadership.confirm() : leadership.isLeader;
  const { snapshot } = store;
  const [sessions, age] = snapshot.kind === 'ready' ? [snapshot.sessions.length, Date.now() - snapshot.asOf] : [0, -1];
  return { question, isLeader, sessions, age, notices, failures };
}

process.on('message', (message) => void stateFor(Question.parse(message)).then((state) => process.send?.(state)));
process.on('disconnect', () => process.exit());
rounds.start();
