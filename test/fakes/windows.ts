import type { Clock } from '../../src/platform/clock';
import type { Files } from '../../src/platform/journal';
import { memoryFiles } from './memoryFiles';
import { Rounds } from '../../src/windows/round';
import { settled } from './manualClock';
import { setup, setupServer } from './setup';
import { FakeMemento } from './vscode/storage';

export type OpenWindow = ReturnType<ReturnType<typeof setupWindows>['open']>;

/** Several windows of one user on one computer; each has the whole core and starts its requests by itself. */
export function setupWindows(files: Files = memoryFiles()) {
  const server = setupServer();
  const failures: unknown[] = [];
  /** @param ports its clock, if it is not the shared one. */
  const open = (ports: { readonly clock?: Clock } = {}) => {
    const world = setup(files, new FakeMemento(), server, ports);
    const { app } = world;
    const { clock = world.clock } = ports;
    const failed = (error: unknown) => failures.push(error);
    const rounds = new Rounds({ ...app, ...app.windows, clock, failed, during: (round) => round() });
    const close = () => [rounds, app.life].forEach((one) => one.dispose());
    rounds.start();
    return { ...world, rounds, leadership: app.windows.leadership, close };
  };
  /** One after the other, as a user opens them. */
  const openAll = async (count: number) => {
    const windows: ReturnType<typeof open>[] = [];
    for (let n = 0; n < count; n++) {
      windows.push(open());
      await settled();
    }
    return windows;
  };
  return { ...server, files, failures, open, openAll };
}
