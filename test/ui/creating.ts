import type { TestContext } from 'node:test';
import type { Control } from '../simulator/control';
import { ME, start, type StartOptions, type World } from './start';

/** From the request to a page that can be opened, ms; noticing it may take as long again. */
export const START_UP_MS = 4_000;

/** A machine called sd-box without sessions. */
export const startWithBox = (
  t: TestContext,
  furnish: (control: Control) => void = () => undefined,
  options: Pick<StartOptions, 'freezer'> = {},
): Promise<World> =>
  start(t, {
    ...options,
    furnish: (control) => {
      control.addMachine({ ...ME, name: 'sd-box' });
      furnish(control);
    },
  });

/** Answers all three questions; the session is then being created. */
export async function ask({ editor }: World, minutes = '15 min'): Promise<void> {
  (await editor.pick(/On which machine/)).choose('sd-box');
  (await editor.pick(/Which GPU/)).choose('A10G');
  (await editor.pick(/For how long/)).choose(minutes);
}
