import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { agreedOffer, offerChoices, offersFor } from '../../../src/workflows/offers';
import { machine as aMachine } from '../../fakes/appState';

const gpus = ['CPU', 'T4', 'A10G', 'L40S', 'H100', 'X900'];
const gpu = fc.constantFrom(...gpus);
const prices = fc.dictionary(gpu, fc.nat(5_000_000)).map((known) => new Map(Object.entries(known)));
const taken = fc.array(
  fc.record({ work: fc.constant('a'), gpu, used: fc.double({ min: 0, max: 2e11, noNaN: true }) }),
  { maxLength: 5 },
);
const machines = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      gpu: fc.option(gpu, { nil: undefined }),
      isBuilt: fc.boolean(),
      count: fc.option(fc.nat(3), { nil: undefined }),
    }),
    { selector: ({ name }) => name, maxLength: 4 },
  )
  .map((all) =>
    all.map(({ isBuilt, count, ...rest }) => {
      const hosting = isBuilt
        ? { kind: 'able' as const }
        : { kind: 'unable' as const, why: 'status' as const, status: 'building' };
      return { count, machine: aMachine(rest.name, { ...rest, hosting }) };
    }),
  );

test('whatever is known: each offer stands once, what lacks less comes first, and nothing dearer than agreed is taken unasked', () => {
  fc.assert(
    fc.property(machines, prices, taken, (all, known, runs) => {
      const offers = offersFor(
        all.map(({ machine }) => machine),
        known,
        runs,
      );
      assert.equal(new Set(offers.map(({ machine, gpu: each }) => `${machine.id} ${each}`)).size, offers.length);
      const missing = new Map(
        all.flatMap(({ machine, count }) => (count === undefined ? [] : [[machine.id, { count, text: '' }] as const])),
      );
      const rows = offerChoices(offers, missing, { taken: runs, balance: undefined, minutes: 15 });
      assert.equal(rows.length, offers.length);
      const counts = rows.map(({ value }) => missing.get(value.machine.id)?.count ?? 0.5);
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => a - b),
      );
      const agreed = agreedOffer(offers, missing, runs, known);
      if (!agreed) return;
      const most = Math.max(...runs.map((run) => known.get(run.gpu) ?? 0));
      assert.ok((known.get(agreed.gpu) ?? Number.POSITIVE_INFINITY) <= most);
      assert.equal(missing.get(agreed.machine.id)?.count, 0);
      assert.equal(agreed.machine.hosting.kind, 'able');
    }),
  );
});
