import type { Machine } from '../core/model';
import { buildText } from '../core/present/machineText';
import { buildOf, refuseUnbuilt, untilBuilt } from '../core/state/builds';
import type { Store } from '../core/state/store';
import { withProgress } from './pick';
import { ask } from './shown';

const WAIT = 'Wait and Start';

export interface BuildWaitInput {
  /** Server time, ms. */
  readonly now: number;
}

interface BuildContext {
  readonly store: Store;
  readonly facts: () => BuildWaitInput;
}

/**
 * Whether a session may be asked for: a machine that is still being built is waited for, if the user wants that.
 * @throws {NotBuilt}, or an `AbortError` when the user gives up.
 */
export async function isBuilt({ store, facts }: BuildContext, machine: Machine): Promise<boolean> {
  const now = () => facts().now;
  refuseUnbuilt(machine, now());
  if (buildOf(machine, now()) === 'built') return true;
  if (!(await isToWait(machine))) return false;
  await withProgress(`Waiting for ${machine.name} to be built`, (signal, say) => {
    say(buildText(machine, now()));
    return untilBuilt(store, machine, now, signal);
  });
  return true;
}

async function isToWait({ name }: Machine): Promise<boolean> {
  const detail = 'The session starts as soon as the machine is ready. Nothing is billed before.';
  const text = `${name} is still being built. Wait for it?`;
  return (await ask('question', text, detail, [WAIT])) === WAIT;
}
