import { startSimulator } from '../simulator/simulator';
import { liveWorkingDay, WHOLE_DAY, type Stretch } from '../ui/workingDay';
import { stillClock } from './account';
import { inWorld } from './editor';
import type { Figure, Measurement } from './figure';

const NAMES: Readonly<Record<Stretch['name'], string>> = {
  morning: 'Morning, A10G: an hour asked for, and a render that needs longer',
  noon: 'Noon, L40S: two hours asked for, work until lunch',
  evening: 'Evening, H100: eight hours asked for, one last render, forgotten',
};

/** The bill of the simulated ComfyDeploy is the judge. */
export const workingDay: Measurement = {
  name: 'workingDay',
  title: 'What a working day costs',
  method:
    'The whole extension, in an editor without a screen, beside a simulated ComfyDeploy with a simulated ComfyUI in each ' +
    'session, on one simulated clock. The same day is lived twice: with the settings as they are by default, and with ' +
    'renders kept alive and sessions ended after 15 idle minutes. A render that is lost is done again. Dollars are those ' +
    "of the simulator's bill, at the recorded list prices.",
  async measure() {
    const [alone, guarded] = [await live(false), await live(true)];
    const lines = alone.map((stretch, index) => figureOf(NAMES[stretch.name], stretch, guarded[index] ?? stretch));
    return [...lines, figureOf('Together', total(alone), total(guarded))];
  },
};

async function live(isGuarded: boolean): Promise<readonly Stretch[]> {
  const clock = stillClock();
  await using simulator = await startSimulator({ clock, comfyUi: true });
  return await inWorld(simulator, clock, async (world) => {
    await world.keepKey(world.keys.mine);
    await world.activate();
    return liveWorkingDay(world, isGuarded, WHOLE_DAY);
  });
}

type Cost = Pick<Stretch, 'dollars' | 'minutes' | 'rendersLost'>;

function total(stretches: readonly Stretch[]): Cost {
  const sum = (what: keyof Cost) => stretches.reduce((all, stretch) => all + stretch[what], 0);
  return { dollars: sum('dollars'), minutes: sum('minutes'), rendersLost: sum('rendersLost') };
}

function figureOf(name: string, alone: Cost, guarded: Cost): Figure {
  return {
    name,
    value: `$${guarded.dollars.toFixed(2)} guarded`,
    target: { text: `below $${alone.dollars.toFixed(2)}, unguarded`, isMet: guarded.dollars < alone.dollars },
    note: `${lost(guarded)} in ${guarded.minutes.toFixed(0)} min; unguarded ${lost(alone)} in ${alone.minutes.toFixed(0)} min`,
  };
}

const lost = ({ rendersLost }: Cost) => (rendersLost === 0 ? 'no render lost' : `${rendersLost} render lost`);
