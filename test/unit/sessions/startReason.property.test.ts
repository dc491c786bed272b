import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { LogLine } from '../../../src/comfydeploy/logs';
import { reasonIn } from '../../../src/sessions/startReason';
import { anyText } from '../../fakes/anyText';

const info = (message: string): LogLine => ({ message, level: 'info', at: 0 });
const log = (...messages: readonly string[]) => messages.map(info);
const BEGUN = ['Creating session...', 'Warming up ComfyUI...'];
const FAILED = 'Failed to start session.';

test('any log has a reason of bounded length, or none', () => {
  const line = fc.oneof(anyText(), fc.constantFrom(...BEGUN, FAILED, 'Session crashed in startup\n\nboom'));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 300 }), (messages) => {
      const reason = reasonIn(log(...messages));
      assert.ok(reason === undefined || (reason.length > 0 && reason.length <= 460), reason);
    }),
  );
});
