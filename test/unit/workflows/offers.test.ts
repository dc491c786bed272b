import assert from 'node:assert/strict';
import test from 'node:test';
import type { Missing } from '../../../src/workflows/checkText';
import type { Taken } from '../../../src/workflows/memoryTaken';
import { agreedOffer, offerChoices, offersFor } from '../../../src/workflows/offers';
import { machine as aMachine } from '../../fakes/appState';

/** A whole dollar an hour, as the price list has it. */
const HOURLY = 1e9 / 3600;
const PRICES = new Map([
  ['CPU', 0.1 * HOURLY],
  ['T4', 0.6 * HOURLY],
  ['A10G', 1.2 * HOURLY],
  ['H100', 4 * HOURLY],
  ['X900', 9 * HOURLY],
]);
const box = aMachine('box', { name: 'box', gpu: 'A10G' });
const far = aMachine('far', { name: 'far', gpu: 'H100' });
const being = aMachine('being', { name: 'being', hosting: { kind: 'unable', why: 'status', status: 'building' } });
const ran = (gpu: string, used: number): Taken => ({ work: 'a', gpu, used });
const names = (taken: readonly Taken[], machines = [box]) =>
  offersFor(machines, PRICES, taken).map(({ machine, gpu }) => `${machine.name} ${gpu}`);
const lacking = (count: number): Missing => ({ count, text: count === 0 ? '' : `${count} models missing` });

test("before the first run a machine's own GPU comes first, then the cheapest, and none at all last", () => {
  assert.deepEqual(names([]), ['box A10G', 'box T4', 'box H100', 'box X900', 'box CPU']);
});

test('what earlier runs took decides which GPU is enough, and then the price', () => {
  assert.deepEqual(names([ran('A10G', 9e9)]), ['box T4', 'box A10G', 'box H100', 'box X900', 'box CPU']);
  assert.deepEqual(names([ran('H100', 30e9)]), ['box H100', 'box X900', 'box CPU', 'box T4', 'box A10G']);
  assert.deepEqual(names([ran('H100', 30e9), ran('A10G', 22e9)]).slice(0, 2), ['box A10G', 'box H100'], 'the least');
  assert.deepEqual(names([ran('A10G', 24.5e9)])[0], 'box A10G', 'where it ran it runs, whatever a data sheet says');
});

test('of several machines the cheapest GPU comes first, wherever it is', () => {
  const first = names([ran('A10G', 9e9)], [box, far]).slice(0, 4);
  assert.deepEqual(first, ['box T4', 'far T4', 'box A10G', 'far A10G']);
});

test('a machine that is still being built comes after those that are there', () => {
  assert.deepEqual(names([], [being, far]).slice(0, 2), ['far H100', 'far T4']);
});

test('each row has its price and what speaks against it, and what lacks nothing comes first', () => {
  const taken = [ran('A10G', 20.2e9)];
  const offers = offersFor([box, far], PRICES, taken);
  const missing = new Map([
    [box.id, lacking(2)],
    [far.id, lacking(0)],
  ]);
  const rows = offerChoices(offers, missing, { taken, balance: 1_000_000n, minutes: 15 });
  const described = new Map(rows.map(({ label, description }) => [label, description]));
  assert.deepEqual(
    rows.slice(0, 2).map(({ label }) => label),
    ['far · A10G', 'far · H100'],
  );
  assert.equal(
    described.get('box · T4'),
    '16 GB · $0.61 an hour · only <$0.01 of credit left · earlier runs took 21 GB · 2 models missing',
  );
  const unknown = offerChoices(offers, new Map([[box.id, lacking(1)]]), { taken, balance: undefined, minutes: 15 });
  const [first] = unknown;
  assert.equal(first?.label, 'far · A10G');
  assert.match(first.description, / · not checked$/);
});

test('the cheapest is taken unasked only where a run has shown that it fits, nothing is missing, and it costs no more', () => {
  const complete = new Map([[box.id, lacking(0)]]);
  const taken = [ran('A10G', 9e9)];
  const agreed = (missing = complete, runs = taken, prices = PRICES) =>
    agreedOffer(offersFor([far, box], prices, runs), missing, runs, prices);
  assert.deepEqual([agreed()?.machine.name, agreed()?.gpu], ['box', 'T4']);
  assert.equal(agreed(complete, []), undefined, 'it never ran');
  assert.equal(agreed(new Map()), undefined, 'nobody knows what is missing');
  assert.equal(agreed(new Map([[box.id, lacking(1)]])), undefined);
  assert.equal(agreed(complete, taken, new Map([['X900', 1]])), undefined, 'its price is not known');
  assert.equal(
    agreed(
      complete,
      taken,
      new Map([
        ['A10G', 5],
        ['T4', 9],
      ]),
    )?.gpu,
    'A10G',
  );
  assert.equal(
    agreedOffer(offersFor([being], PRICES, taken), new Map([[being.id, lacking(0)]]), taken, PRICES),
    undefined,
  );
});
