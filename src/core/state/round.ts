import type { Money } from '../money/money';
import type { Store } from './store';

/** One round of asking the server. Signed out, nothing is asked, not even what is public. */
export async function refreshAll(
  store: Pick<Store, 'refresh' | 'snapshot'>,
  money: Pick<Money, 'refresh'>,
): Promise<void> {
  await store.refresh();
  if (store.snapshot.kind === 'ready') await money.refresh();
}
