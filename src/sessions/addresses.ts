import { pageOf } from '../comfydeploy/model';
import type { Secrets } from '../platform/secrets';
import { sessionsOf, type Snapshot } from './snapshot';

/** The sessions that are known, so that their addresses are never written. */
export function hideAddresses({ secrets }: { readonly secrets: Secrets }, snapshot: Snapshot): void {
  for (const session of sessionsOf(snapshot)) secrets.address(pageOf(session) ?? '');
}
