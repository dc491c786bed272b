import { Usages, type Doing } from '../../../src/spending/usages';
import { MINUTE, ready, session } from '../../fakes/appState';
import { FakeMemento } from '../../fakes/vscode/storage';

/** A window that looks every half minute, or every `step` ms, while its session does this. */
export function setup(memory = new FakeMemento()) {
  let [now, doing]: [number, Doing | undefined] = [1_000 * MINUTE, undefined];
  const snapshot = ready({ sessions: [session('one')] });
  const usages = new Usages({ store: { snapshot }, memory, serverTime: { now: () => now }, doingOf: () => doing });
  const does = (what: Doing | undefined, ms: number, step = MINUTE / 2) => {
    doing = what;
    usages.look();
    for (const end = now + ms; now < end;) {
      now = Math.min(end, now + step);
      usages.look();
    }
  };
  return { usages, memory, does };
}
