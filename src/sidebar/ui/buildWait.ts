import * as l10n from '@vscode/l10n';
import type { Yes } from '../../sessions/acts';
import type { Machine } from '../../comfydeploy/model';
import { buildText } from '../machineText';
import { buildOf, refuseUnbuilt, untilBuilt } from '../../sessions/builds';
import type { Clock } from '../../platform/clock';
import type { Store } from '../../sessions/store';
import { withProgress } from '../../platform/ui/pick';
import { ask } from '../../platform/ui/shown';

/** How often the consent is renewed while this window is awake, ms. */
const PULSE = 15_000;

export interface BuildWaitInput {
  /** Server time, ms. */
  readonly now: number;
}

interface BuildContext {
  readonly store: Store;
  readonly appState: () => BuildWaitInput;
  readonly clock: Clock;
}

/**
 * Whether a session may be requested: a machine that is still being built is waited for if the user agrees.
 * @param yes consent to the session, which includes the wait as long as this window is awake.
 * @throws {NotBuilt}, or an `AbortError` when the user cancels.
 */
export async function isBuilt({ store, appState, clock }: BuildContext, machine: Machine, yes: Yes): Promise<boolean> {
  const now = () => appState().now;
  refuseUnbuilt(machine, now());
  if (buildOf(machine, now()) === 'built') return true;
  if (!(await isToWait(machine))) return false;
  yes.repeat();
  await withProgress(l10n.t('Waiting for {0} to be built', machine.name), async (signal, say) => {
    say(buildText(machine, now()));
    let pulse = clock.after(PULSE, onPulse);
    function onPulse() {
      yes.keepFresh();
      pulse = clock.after(PULSE, onPulse);
    }
    try {
      await untilBuilt(store, machine, now, signal);
    } finally {
      pulse.dispose();
    }
  });
  return true;
}

async function isToWait({ name }: Machine): Promise<boolean> {
  const detail = l10n.t('The session starts as soon as the machine is ready. Nothing is billed until then.');
  const text = l10n.t('{0} is still being built. Wait for it?', name);
  const wait = l10n.t('Wait and Start');
  return (await ask('question', text, detail, [wait])) === wait;
}
