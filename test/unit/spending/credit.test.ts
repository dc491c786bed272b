import assert from 'node:assert/strict';
import test from 'node:test';
import { beforeSpending, creditLeft, spendingLines } from '../../../src/spending/moneyText';
import { answer } from '../../fakes/faults';
import { appState, NOTHING_SPENT } from '../../fakes/appState';
import { setup } from '../../fakes/setup';
import type { Wire } from '../../fakes/wire';

const features = (balances: Readonly<Record<string, unknown>>): Wire => ({
  autumn_data: { features: Object.fromEntries(Object.entries(balances).map(([id, balance]) => [id, { balance }])) },
});

async function balanceOf(credit: Wire): Promise<bigint | undefined> {
  const { api, app } = setup();
  api.credit = credit;
  await app.money.credit.refresh(false);
  return app.money.credit.balance;
}

test('credit that nobody knows is not none', async () => {
  assert.equal(await balanceOf({ autumn_data: null }), undefined);
  assert.equal(await balanceOf({ autumn_data: { features: {} } }), undefined);
  assert.equal(await balanceOf(features({ 'gpu-credit': null })), undefined);
  assert.equal(await balanceOf(features({ 'another-feature': 500 })), undefined);
  assert.equal(await balanceOf({}), undefined);
});

test('known credit is shown as it is, also if it is used up or owed', async () => {
  assert.equal(await balanceOf(features({ 'gpu-credit-topup': 0 })), 0n);
  assert.equal(await balanceOf(features({ 'gpu-credit-topup': 500.5, 'gpu-credit': -0.25 })), 5_002_500_000n);
  assert.equal(await balanceOf(features({ 'gpu-credit': -120 })), -1_200_000_000n);
});

test('an answer that cannot be had leaves what was known', async () => {
  const { api, clock, app } = setup();
  const { credit } = app.money;
  api.credit = features({ 'gpu-credit': 100 });
  await credit.refresh(true);
  await clock.advance(11 * 60_000);
  api.fail('GET /platform/autumn-data', answer(403, ''));
  await credit.refresh(true);
  assert.equal(credit.balance, 1_000_000_000n);
});

test('nothing is said of credit that nobody knows, and "none" only of none', () => {
  const look = (balance: bigint | undefined) => {
    const known = appState({ spending: { ...NOTHING_SPENT, balance } });
    const line = spendingLines(known).find(([name]) => name === 'Credit left')?.[1];
    return [creditLeft(known), beforeSpending(known), line];
  };
  assert.deepEqual(look(undefined), [undefined, undefined, undefined]);
  assert.deepEqual(look(0n), ['no credit left', 'No credit left', 'none']);
  assert.deepEqual(look(12_400_000_000n), ['credit left about $12.40', 'Credit left about $12.40', 'about $12.40']);
});
