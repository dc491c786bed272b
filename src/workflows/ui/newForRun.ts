import * as l10n from '@vscode/l10n';
import type { Machine, Prices, Session } from '../../comfydeploy/model';
import { minutesText } from '../../platform/durations';
import { pick } from '../../platform/ui/pick';
import { startable } from '../../sessions/builds';
import type { Snapshot } from '../../sessions/snapshot';
import type { LeaseOffer } from '../../spending/menus';
import type { Spending } from '../../spending/spending';
import type { MissingOn } from '../checkText';
import type { MemoryTaken } from '../memoryTaken';
import { agreedOffer, offerChoices, offersFor, type Offer } from '../offers';
import type { WorkflowFile } from './workflowFile';

export interface NewForRunContext {
  readonly appState: () => {
    readonly snapshot: Snapshot;
    readonly prices: Prices | undefined;
    readonly spending: Pick<Spending, 'balance'>;
    readonly limits: { readonly lease: Pick<LeaseOffer, 'minutes'> };
  };
  readonly taken: Pick<MemoryTaken, 'of'>;
  /** Starts a session and shows it. */
  readonly creating: {
    lookAtMoney(): Promise<void>;
    startLeased(machine: Machine, gpu: string): Promise<Session | undefined>;
    ask(place: { readonly missing: MissingOn | undefined }): Promise<Session | undefined>;
  };
}

const OTHER = 'other';

/**
 * Starts a session on a lease to run a workflow in. Asks for machine and GPU in one question, or not at all if the
 * command asks for the cheapest and the user has agreed to its price before. Undefined if they cancel.
 */
export async function newForRun(
  { appState, taken: memory, creating }: NewForRunContext,
  { name, workflow }: WorkflowFile,
  missing: MissingOn,
  isCheapest: boolean,
): Promise<Session | undefined> {
  const [taken] = await Promise.all([memory.of(workflow), creating.lookAtMoney()]);
  const { snapshot, prices, spending, limits } = appState();
  const offers = offersFor(startable(snapshot), prices, taken);
  const agreed = isCheapest ? agreedOffer(offers, missing, taken, prices) : undefined;
  if (agreed) return creating.startLeased(agreed.machine, agreed.gpu);
  if (offers.length === 0) return creating.ask({ missing });
  const { minutes } = limits.lease;
  const chosen = await pick<Offer | typeof OTHER>({
    title: l10n.t('Queue {0} on which machine?', name),
    placeholder: l10n.t('Rented {0} at a time for as long as it is used, then it ends by itself', minutesText(minutes)),
    choices: [
      ...offerChoices(offers, missing, { taken, balance: spending.balance, minutes }),
      { value: OTHER, icon: 'add', label: l10n.t('New Session…'), description: l10n.t('for another length') },
    ],
  });
  if (chosen === OTHER) return creating.ask({ missing });
  return typeof chosen === 'object' ? creating.startLeased(chosen.machine, chosen.gpu) : undefined;
}
