import { startSimulator } from '../simulator/simulator';
import { liveWorkingDay, WHOLE_DAY, type Stretch, type Way } from '../ui/workingDay';
import { stillClock } from './account';
import { inWorld } from './editor';
import type { Figure, Measurement } from './figure';

const NAMES: Readonly<Record<Stretch['name'], string>> = {
  morning: 'Morning, A10G: an hour asked for, and a render that needs longer',
  noon: 'Noon, L40S: two hours asked for, work until lunch',
  lunch: 'Another noon, H100: four hours asked for, and the laptop dies during a render',
  evening: 'Evening, H100: eight hours asked for, one last render, forgotten',
};

/** The bill of the simulated ComfyDeploy is the judge. */
export const workingDay: Measurement = {
  name: 'workingDay',
  title: 'What a working day costs',
  method:
    'The whole extension, in an editor without a screen, beside a simulated ComfyDeploy with a simulated ComfyUI in each ' +
    'session, on one simulated clock. The same day is lived three times: with lengths guessed beforehand and the settings ' +
    'as they are by default; with renders kept alive and sessions ended after 15 idle minutes; and on leases, with the ' +
    'settings as they are by default. A render that is lost is done again. Dollars are those of the ' +
    "simulator's bill, at the recorded list prices.",
  async measure() {
    const days = { alone: await live('alone'), guarded: await live('guarded'), leased: await live('leased') };
    const lines = days.alone.map((stretch, index) => {
      const { guarded = stretch, leased = stretch } = { guarded: days.guarded[index], leased: days.leased[index] };
      return figureOf(NAMES[stretch.name], { alone: stretch, guarded, leased });
    });
    const { alone, guarded, leased } = days;
    return [...lines, figureOf('Together', { alone: total(alone), guarded: total(guarded), leased: total(leased) })];
  },
};

async function live(way: Way): Promise<readonly Stretch[]> {
  const clock = stillClock();
  await using simulator = await startSimulator({ clock, comfyUi: true });
  return await inWorld(simulator, clock, async (world) => {
    await world.keepKey(world.keys.mine);
    await world.activate();
    return liveWorkingDay(world, way, WHOLE_DAY);
  });
}

type Cost = Pick<Stretch, 'dollars' | 'minutes' | 'rendersLost'>;

function total(stretches: readonly Stretch[]): Cost {
  const sum = (what: keyof Cost) => stretches.reduce((all, stretch) => all + stretch[what], 0);
  return { dollars: sum('dollars'), minutes: sum('minutes'), rendersLost: sum('rendersLost') };
}

function figureOf(name: string, { alone, guarded, leased }: Readonly<Record<Way, Cost>>): Figure {
  return {
    name,
    value: `$${leased.dollars.toFixed(2)} on leases, $${guarded.dollars.toFixed(2)} guarded`,
    target: { text: `below $${alone.dollars.toFixed(2)}, unguarded`, isMet: leased.dollars < alone.dollars },
    note: [
      `on leases ${lost(leased)} in ${leased.minutes.toFixed(0)} min`,
      `guarded ${lost(guarded)} in ${guarded.minutes.toFixed(0)} min`,
      `unguarded ${lost(alone)} in ${alone.minutes.toFixed(0)} min`,
    ].join('; '),
  };
}

const lost = ({ rendersLost }: Cost) => (rendersLost === 0 ? 'no render lost' : `${rendersLost} render lost`);
