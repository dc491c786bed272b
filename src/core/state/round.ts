import type { PriceList } from '../money/priceList';
import type { Store } from './store';

/** One round of asking the server. Signed out, nothing is asked, not even what is public. */
export async function refreshAll(
  store: Pick<Store, 'refresh' | 'snapshot'>,
  prices: Pick<PriceList, 'refresh'>,
): Promise<void> {
  await store.refresh();
  if (store.snapshot.kind === 'ready') await prices.refresh();
}
