import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { rungsFor, type OpenIn, type Rung } from '../../../src/page/openIn';

const settings = fc.constantFrom<OpenIn>('auto', 'editorTab', 'integratedBrowser', 'externalBrowser');
const rungSets = fc.uniqueArray(fc.constantFrom<Rung>('editorTab', 'integratedBrowser', 'externalBrowser'));

test('every rung that is there is tried once, and none that is not', () => {
  fc.assert(
    fc.property(settings, rungSets, fc.boolean(), (setting, rungs, refused) => {
      assert.deepEqual(rungsFor(setting, new Set(rungs), refused).toSorted(), rungs.toSorted());
    }),
  );
});
