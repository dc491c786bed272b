import assert from 'node:assert/strict';
import test from 'node:test';
import { costOf } from '../../../src/spending/cost';
import { about, dollars, hourly } from '../../../src/platform/dollars';
import { gpuChoices } from '../../../src/spending/gpus';
import { PRICES } from '../../fakes/appState';

const HOUR = 3_600_000;

test('an hour of a GPU costs what the price list says', () => {
  assert.equal(costOf(337_000, HOUR), 1_213_200_000n);
  assert.equal(dollars(costOf(337_000, HOUR)), '$1.22');
  assert.equal(hourly(337_000), '$1.22 an hour');
  assert.equal(hourly(42_000), '$0.16 an hour');
});

test('time before the beginning costs nothing', () => {
  assert.equal(costOf(337_000, -5_000), 0n);
  assert.equal(dollars(costOf(337_000, -5_000)), '$0.00');
});

test('amounts too small to count are called so', () => {
  assert.equal(dollars(0n), '$0.00');
  assert.equal(dollars(1n), '<$0.01');
  assert.equal(dollars(9_999_999n), '<$0.01');
  assert.equal(dollars(10_000_000n), '$0.01');
  assert.deepEqual([about(1n), about(10_000_000n)], ['<$0.01', 'about $0.01']);
  assert.equal(dollars(10_000_001n), '$0.02');
  assert.equal(dollars(12_050_000_000n), '$12.05');
});

test('every GPU with a price can be chosen, from cheap to dear', () => {
  const choices = gpuChoices(new Map([...PRICES, ['Z9000', 100_000]]), undefined);

  assert.deepEqual(choices, [
    { gpu: 'CPU', vram: undefined, price: 42_000 },
    { gpu: 'Z9000', vram: undefined, price: 100_000 },
    { gpu: 'A10G', vram: 24, price: 337_000 },
  ]);
});

test('without prices the GPUs we know of can be chosen, and the machine own is never missing', () => {
  const names = (own: string | undefined) => gpuChoices(undefined, own).map(({ gpu }) => gpu);

  assert.equal(names(undefined).length, 10);
  assert.ok(names('Z9000').includes('Z9000'));
  assert.equal(names('T4').filter((gpu) => gpu === 'T4').length, 1);
  assert.ok(gpuChoices(PRICES, 'H100').some(({ gpu, price }) => gpu === 'H100' && price === undefined));
});
