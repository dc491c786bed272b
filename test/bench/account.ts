import type { Clock } from '../../src/platform/clock';
import { SimulatorClock } from '../simulator/clock';
import { startSimulator, type Simulator } from '../simulator/simulator';

/** Answers of the server, as text. */
export interface Answers {
  readonly machines: string;
  readonly sessions: string;
}

export interface Furniture {
  readonly machines: number;
  readonly sessions: number;
  /** Of the first session; each further one has a minute more. */
  readonly minutesLeft: number;
  readonly state?: 'starting' | 'ready';
}

const NOON = Date.UTC(2030, 0, 1, 12);
const GPUS = ['A10G', 'L4', 'L40S', 'H100'];

/** Time that stands still until `advance`. */
export const stillClock = (): SimulatorClock => new SimulatorClock({ frozenAt: NOON });

/** The simulator's clock, for the extension. */
export const asClock = (clock: SimulatorClock): Clock => ({
  now: () => clock.now(),
  monotonic: () => clock.now(),
  after: (ms, run) => ({ dispose: clock.after(ms, run) }),
});

/** The personal key of the simulator's first user, whose account `furnish` fills. */
export function keyOf({ control }: Simulator): string {
  const [key] = control.keys();
  if (!key) throw new Error('The simulator has no key.');
  return key.token;
}

/** Sessions are spread evenly over the machines. */
export async function furnish({ control }: Simulator, { machines, sessions, ...seed }: Furniture): Promise<void> {
  const owner = { userId: control.keys()[0]?.userId ?? '', orgId: null };
  const ids = Array.from(
    { length: machines },
    (_, index) => control.addMachine({ ...owner, name: `machine ${index + 1}`, gpu: gpuOf(index) }).id,
  );
  for (let index = 0; index < sessions; index++) {
    const machineId = ids[index % machines] ?? null;
    await control.addSession({ ...seed, machineId, minutesLeft: seed.minutesLeft + index, gpu: gpuOf(index) });
  }
}

const gpuOf = (index: number): string => GPUS[index % GPUS.length] ?? '';

/** The server's answers for an account of that size. */
export async function answersFor(furniture: Furniture, clock: SimulatorClock): Promise<Answers> {
  await using simulator = await startSimulator({ clock, comfyUi: false });
  await furnish(simulator, furniture);
  const ask = async (path: string) => {
    const headers = { authorization: `Bearer ${keyOf(simulator)}` };
    return (await fetch(`${simulator.apiUrl}${path}`, { headers })).text();
  };
  return { machines: await ask('/machines/all'), sessions: await ask('/sessions') };
}
