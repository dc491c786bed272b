import type { ComfyDeployClient } from '../comfydeploy/client';
import { toApiError } from '../platform/errors';
import type { Rows } from '../comfydeploy/rowReading';
import type { MachineEvent } from '../comfydeploy/wire';
import type { MachineId, SessionId } from '../comfydeploy/model';
import { runsOn } from '../sessions/events';
import { mayMean } from '../sessions/kept';
import type { Receipt } from './receipts';

export type Billing = Pick<ComfyDeployClient, 'getSession' | 'listMachineEvents'>;

/** What the server's bill says of a session that is gone. */
export type Found =
  | { readonly kind: 'billed'; readonly row: MachineEvent & { readonly endedAt: number } }
  /** There is no row, and there will be none. */
  | { readonly kind: 'unbilled' }
  /** Not known yet. */
  | { readonly kind: 'open' };

/** Reads the bill of each machine once. Never rejects: what cannot be read is `open`. */
export async function look(api: Billing, receipts: readonly Receipt[]): Promise<ReadonlyMap<SessionId, Found>> {
  const machines = new Set(receipts.map(({ opened }) => opened.machineId));
  const bills = new Map(await Promise.all([...machines].map(async (id) => [id, await billOf(api, id)] as const)));
  const found = receipts.map(({ opened: { sessionId, machineId } }) => {
    const bill = bills.get(machineId);
    return [sessionId, bill === undefined ? OPEN : foundIn(bill, sessionId)] as const;
  });
  return new Map(found);
}

/** Whether the server no longer knows the session, the only proof of its end: the list may hide a living session. */
export async function isGone(api: Billing, id: SessionId): Promise<boolean> {
  try {
    await api.getSession(id);
    return false;
  } catch (error) {
    return toApiError(error).kind === 'missing';
  }
}

type Bill = Pick<Rows<MachineEvent>, 'rows' | 'skipped'>;
const NOTHING: Bill = { rows: [], skipped: [] };
const OPEN: Found = { kind: 'open' };

function foundIn({ rows, skipped }: Bill, id: SessionId): Found {
  const row = rows.find(({ sessionId }) => sessionId === id);
  if (!row) return mayMean(skipped, id) ? OPEN : { kind: 'unbilled' };
  const { endedAt } = row;
  return endedAt === undefined || runsOn(row) ? OPEN : { kind: 'billed', row: { ...row, endedAt } };
}

/** The machine's rows; undefined if they cannot be read. A deleted machine has none. */
async function billOf(api: Billing, id: MachineId | undefined): Promise<Bill | undefined> {
  if (id === undefined) return NOTHING;
  try {
    return await api.listMachineEvents(id);
  } catch (error) {
    return toApiError(error).kind === 'missing' ? NOTHING : undefined;
  }
}
