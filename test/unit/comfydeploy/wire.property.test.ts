import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MachineWire, SessionWire } from '../../../src/comfydeploy/wire';
import { rowsIn } from '../../fakes/rows';

test('rows of any shape never break a list, and none is lost uncounted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue()), async (rows) => {
      const session = await rowsIn(SessionWire, 'session_id', rows);
      const machine = await rowsIn(MachineWire, 'id', rows);
      assert.equal(session.rows.length + session.skipped.length, rows.length);
      assert.equal(machine.rows.length + machine.skipped.length, rows.length);
    }),
    { numRuns: 50 },
  );
});
