import assert from 'node:assert/strict';
import { costOf } from '../../src/spending/cost';
import { costOfReceipt, startOf, type Receipt } from '../../src/spending/receipts';
import type { Window, Windows } from './windows';

const SECOND = 1_000;
/**
 * A new window takes the lead from a window that was killed: after the silence of that one or, with nothing to guard,
 * once it is removed. It then compares with the bill.
 */
const LOOKED_AROUND = 150 * SECOND;

/**
 * To be called when all sessions are over, with a new window. Returns the number of sessions and the largest error of a
 * receipt, s.
 */
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

/** Waits until everything that is known now is also written. */
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
