import type { Freezer } from '../fakes/freezer';
import type { SimulatorClock } from '../simulator/clock';
import type { Simulator } from '../simulator/simulator';
import { World } from '../ui/start';

/** Runs the extension in an editor without a screen, on the simulator's clock. */
export async function inWorld<T>(
  simulator: Simulator,
  clock: SimulatorClock,
  work: (world: World) => Promise<T>,
  freezer?: Freezer,
): Promise<T> {
  const world = new World(simulator, clock, freezer);
  const { fetch } = globalThis;
  globalThis.fetch = world.fetch;
  try {
    return await work(world);
  } finally {
    world.dispose();
    globalThis.fetch = fetch;
  }
}
