import type { App } from './app';
import { together, type Disposable } from './platform/emitter';
import { Poller, type PollerOptions } from './platform/poller';
import { sessionsOf, type Snapshot } from './sessions/snapshot';
import { untilNextRedraw } from './sidebar/untilNextText';
import { Rounds } from './windows/round';

export interface Timers extends Disposable {
  readonly rounds: Rounds;
  /** Called when something may be due or have a different text, although nothing new was learned. */
  readonly wake: () => void;
}

interface Drawing {
  /** Shows the current state. */
  readonly drawn: readonly { redraw(): void }[];
  /** Shows that the server is being asked. */
  readonly during: (round: () => Promise<void>) => Promise<void>;
}

/** Everything that happens by itself, and what makes it happen sooner. No decision is made here. */
export function createTimers(
  app: App,
  { drawn, during }: Drawing,
  options: Pick<PollerOptions, 'failed' | 'clock'>,
): Timers {
  const { store, money, outputs, appState, life } = app;
  const { leadership, sharing } = app.windows;
  const { failed, clock } = options;
  const task = () => Promise.resolve(drawn.forEach((one) => one.redraw()));
  const drawing = new Poller({
    task,
    rest: () => untilNextRedraw(appState()),
    failed,
    clock,
  });
  const rounds = new Rounds({ store, money, leadership, sharing, clock, failed, during });
  const guarding = createGuarding(app, options);
  const draw = () => drawing.wake();
  const news = [life.onDidSee(draw), outputs.onDidChange(draw), leadership.onDidChange(draw)];
  // The server's time is known better now, and the costs of a few sessions are shown anew; for many, that would take
  // too long.
  const looks = store.onDidChange((now) => (isBilledForFew(now) ? draw() : drawing.replan()));
  const wake = () => [drawing, guarding].forEach((one) => one.wake());
  return { rounds, wake, ...together([...news, looks, drawing, rounds, guarding]) };
}

function isBilledForFew(snapshot: Snapshot): boolean {
  const { length } = sessionsOf(snapshot);
  return length > 0 && length <= FEW;
}

/** A number of sessions. */
const FEW = 100;

export interface Guarding extends Disposable {
  readonly wake: () => void;
}

/** Looks after sessions: after every change, and when woken. */
export function createGuarding(app: App, { failed, clock }: Pick<PollerOptions, 'failed' | 'clock'>): Guarding {
  const { store, monitor, guardian, life } = app;
  const { leadership, editors } = app.windows;
  const monitoring = new Poller({ task: () => monitor.look(), rest: () => monitor.rest(), failed, clock });
  const guarding = new Poller({ task: () => guardian.round(), rest: () => guardian.rest(), failed, clock });
  const wake = () => guarding.wake();
  const replanning = [leadership, store, monitor].map((source) => source.onDidChange(() => monitoring.replan()));
  const waking = [life, editors].map((source) => source.onDidChange(wake));
  return { wake, ...together([monitoring, guarding, ...replanning, ...waking]) };
}
