import assert from 'node:assert/strict';
import { costOf } from '../../src/spending/cost';
import { costOfReceipt, startOf, type Receipt } from '../../src/spending/receipts';
import type { Window, Windows } from './windows';

const SECOND = 1_000;
/**
 * Whoever is new takes the lead from a window that was killed, after its silence or, with nothing to guard, once it is
 * removed; and then compares with the bill.
 */
const LOOKED_AROUND = 150 * SECOND;

/** Once all is over, in a window that is new: how many sessions there were, and how far a receipt is off at most, s. */
export async function assertBilled(
  windows: Windows,
  last: Window,
): Promise<{ readonly sessions: number; readonly worst: number }> {
  await lookAround(windows, last);
  const { receipts } = last.app.money.history;
  const billed = windows.simulator.control.bill().sessions;
  const off = billed.map(({ id, gpu, seconds }) => {
    const receipt = [...receipts.values()].find(({ opened }) => opened.sessionId === id);
    assert.ok(receipt, 'every session has a receipt');
    return assertAlike(receipt, gpu ?? '', seconds);
  });
  assert.equal(receipts.size, billed.length);
  assert.equal(last.app.appState().spending.sessions.size, 0, 'nothing runs any more');
  return { sessions: billed.length, worst: Math.max(0, ...off) };
}

/** Until what is known now is written down, too. */
export async function lookAround(windows: Windows, { app }: Pick<Window, 'app'>): Promise<void> {
  await windows.finish(app.store.refresh());
  await windows.finish(app.money.prices.refresh());
  await windows.advance(LOOKED_AROUND);
  await windows.finish(app.store.refresh());
  await windows.settled();
}

function assertAlike(receipt: Receipt, gpu: string, seconds: number): number {
  const { closed, opened } = receipt;
  assert.equal(closed?.source, 'billed');
  const off = Math.abs((closed.endedAt - startOf(receipt)) / SECOND - seconds);
  assert.ok(off <= 1, `${off} s off`);
  assert.equal(opened.gpu, gpu);
  const price = opened.price ?? 0;
  const cost = costOfReceipt(receipt) ?? -1n;
  const billed = costOf(price, seconds * SECOND);
  assert.ok(cost - billed <= BigInt(price) && billed - cost <= BigInt(price), `${cost} for ${billed}`);
  return off;
}
