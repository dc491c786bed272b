import assert from 'node:assert/strict';
import test from 'node:test';
import * as z from 'zod/mini';
import { UnreadLog, unreadIn } from '../../../src/platform/unread';
import * as wire from '../../../src/comfydeploy/wire';
import { LogBook } from '../../fakes/setup';
import { machineWire, sessionWire, type Wire } from '../../fakes/wire';
import { NOW, ANSWERS, SCHEMAS } from './unread';

test('every schema of the server is known here by an answer that it reads', () => {
  assert.deepEqual(SCHEMAS.map(([name]) => name).sort(), Object.keys(ANSWERS).sort());
  for (const [name, schema] of SCHEMAS) assert.ok(z.safeParse(schema, ANSWERS[name]).success, name);
});

test('an optional field that cannot be read is named, one that is missing or null is not', () => {
  const machine = (overrides: Wire) => unreadIn(wire.MachineWire, machineWire(overrides));
  assert.deepEqual(machine({}), []);
  assert.deepEqual(machine({ gpu: null, machine_version: undefined, machine_builder_version: 4 }), []);
  assert.deepEqual(machine({ gpu: 7, machine_version: { major: 1 } }), ['gpu', 'machine_version']);
  assert.deepEqual(unreadIn(wire.CreditWire, { autumn_data: { features: 'none' } }), ['autumn_data.features']);
});

test('unreadable fields of a session are listed with it', () => {
  const session = z.parse(wire.SessionWire, sessionWire('one', NOW, { timeout_end: { at: 'noon' }, user_id: 7 }));
  assert.deepEqual([session.phase, session.userId, session.unread], ['undated', undefined, ['endsAt', 'userId']]);
  for (const created_at of ['now', 7, null, undefined]) {
    const { createdAt, unread } = z.parse(wire.SessionWire, sessionWire('one', NOW, { created_at }));
    assert.deepEqual([createdAt, unread], [undefined, ['createdAt']]);
  }
  assert.equal('unread' in z.parse(wire.SessionWire, sessionWire('one', NOW, { timeout_end: null })), false);
});

test('what cannot be read is said once, by field, and again when it changes', () => {
  const log = new LogBook();
  const unread = new UnreadLog(log);
  const rounds = [['gpu'], ['gpu'], ['gpu', 'gpu', 'url'], ['url', 'gpu', 'gpu'], [], [], ['gpu']];
  for (const fields of rounds) unread.note('GET /sessions', fields);
  assert.deepEqual(log.lines, [
    'GET /sessions: not read: gpu',
    'GET /sessions: not read: gpu (2 times); url',
    'GET /sessions: not read: gpu',
  ]);
});

test('an answer in which everything is garbled is said in one line', () => {
  const log = new LogBook();
  new UnreadLog(log).note(
    'GET /sessions',
    Array.from({ length: 500 }, (_, index) => `field_${index}`),
  );
  assert.ok((log.lines[0]?.length ?? 0) < 500);
});
