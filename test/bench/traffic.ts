import { startSimulator, type Simulator } from '../simulator/simulator';
import type { World } from '../ui/start';
import { furnish, stillClock, type Furniture } from './account';
import { inWorld } from './editor';
import type { Figure, Measurement } from './figure';

const MINUTES = 10;

interface State {
  readonly name: string;
  readonly isWatched: boolean;
  readonly isSignedIn?: boolean;
  readonly isOffline?: boolean;
  readonly sessions?: number;
  readonly session?: Furniture['state'];
  /** Most requests a minute. */
  readonly limit?: number;
}

const STATES: readonly State[] = [
  { name: 'Signed out, view open', isWatched: true, isSignedIn: false, limit: 0 },
  { name: 'No session, view hidden', isWatched: false, limit: 0 },
  { name: 'No session, view open', isWatched: true },
  { name: 'A session runs, view hidden', isWatched: false, sessions: 1 },
  { name: 'A session runs, view open', isWatched: true, sessions: 1 },
  { name: 'A session starts, view hidden', isWatched: false, sessions: 1, session: 'starting' },
  { name: 'A session starts, view open', isWatched: true, sessions: 1, session: 'starting' },
  { name: 'The server cannot be reached, view open', isWatched: true, sessions: 1, isOffline: true },
];

export const traffic: Measurement = {
  name: 'traffic',
  title: 'Requests a minute',
  method:
    'The whole extension, in an editor without a screen, asks the simulator over HTTP, both on one simulated clock; ' +
    `counted over ${MINUTES} minutes after the first answer. A refresh is two requests: machines and sessions.`,
  async measure() {
    const figures: Figure[] = [];
    for (const state of STATES) figures.push(figureOf(state, await requestsIn(state)));
    return figures;
  },
};

async function requestsIn(state: State): Promise<number> {
  const clock = stillClock();
  await using simulator = await startSimulator({ clock, comfyUi: false });
  const { session = 'ready', sessions = 0 } = state;
  if (session === 'starting') simulator.control.set({ startUpMs: null });
  await furnish(simulator, { machines: 10, sessions, minutesLeft: 60, state: session });

  return await inWorld(simulator, clock, (world) => requestsOf(world, simulator, state));
}

async function requestsOf(world: World, { control }: Simulator, state: State): Promise<number> {
  const { isWatched, isSignedIn = true, isOffline = false } = state;
  if (isSignedIn) await world.keepKey(world.keys.mine);
  await world.activate();
  world.view.setVisible(isWatched);
  await world.settled();
  control.clearRequests();
  control.setOffline(isOffline);
  await world.advance(MINUTES * 60_000);
  return control.requests().length;
}

function figureOf({ name, limit }: State, requests: number): Figure {
  const aMinute = requests / MINUTES;
  const value = Number.isInteger(aMinute) ? `${aMinute}` : aMinute.toFixed(1);
  return { name, value, ...(limit === undefined ? {} : { target: { text: `${limit}`, isMet: aMinute <= limit } }) };
}
