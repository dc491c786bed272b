import assert from 'node:assert/strict';
import test from 'node:test';
import {
  costText,
  CREATE_MINUTES,
  EXTEND_MINUTES,
  extendMenu,
  gpuMenu,
  lengthMenu,
  USUAL_MINUTES,
} from '../../../src/spending/menus';
import { timeOfDay } from '../../../src/platform/durations';
import { machine, MINUTE, NOW, PRICES, session } from '../../fakes/appState';

const A10G = 337_000;

test('the GPU of the machine comes first, then the others from cheap to dear', () => {
  const menu = gpuMenu(machine('one', { gpu: 'A10G' }), new Map([...PRICES, ['T4', 180_000]]));

  assert.deepEqual(
    menu.map(({ value, description }) => [value, description]),
    [
      ['A10G', '24 GB · $1.22 an hour · machine default'],
      ['CPU', '$0.16 an hour'],
      ['T4', '16 GB · $0.65 an hour'],
    ],
  );
});

test('a machine without a GPU of its own has no first choice', () => {
  const menu = gpuMenu(machine('one', { gpu: undefined }), PRICES);

  assert.deepEqual(
    menu.map(({ label }) => label),
    ['CPU', 'A10G'],
  );
});

test('an unknown price is said to be unknown', () => {
  assert.match(gpuMenu(machine('one', { gpu: 'H100' }), PRICES)[0]?.description ?? '', /80 GB · price unknown/);
  assert.equal(costText(undefined, 15), 'price unknown');
  assert.equal(costText(A10G, 15), 'about $0.31');
});

test('the usual lengths are offered with their cost, and the last one among them', () => {
  assert.deepEqual(
    lengthMenu(A10G, 20).map(({ value }) => value),
    [2, 15, 20, 30, 60],
  );
  assert.deepEqual(
    lengthMenu(A10G, 15).map(({ value }) => value),
    CREATE_MINUTES,
  );
  assert.equal(lengthMenu(A10G, 20).find(({ value }) => value === 20)?.description, 'about $0.41 · last time');
  assert.ok(CREATE_MINUTES.includes(USUAL_MINUTES) && EXTEND_MINUTES.includes(USUAL_MINUTES));
});

test('an extension says until when, and what it adds to the cost', () => {
  const one = session('one', { left: 10 });
  const [first] = extendMenu(one, NOW, A10G);

  assert.deepEqual(
    extendMenu(one, NOW, A10G).map(({ value }) => value),
    EXTEND_MINUTES,
  );
  assert.equal(first?.label, '1 min more');
  assert.equal(first.description, `until ${timeOfDay(NOW + 11 * MINUTE)} · about $0.03 more`);
  assert.equal(extendMenu(session('one', { phase: 'undated' }), NOW, undefined)[0]?.description, 'price unknown');
});
