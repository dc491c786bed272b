import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { UnreadLog, unreadIn } from '../../../src/platform/unread';
import * as wire from '../../../src/comfydeploy/wire';
import { LogBook } from '../../fakes/setup';
import { machineWire, sessionWire, type Wire } from '../../fakes/wire';

const NOW = Date.UTC(2030, 0, 1, 12);

/** An answer for each schema of the server's words; a new schema without one fails the first test. */
const ANSWERS: Readonly<Record<string, Wire>> = {
  SessionWire: sessionWire('one', NOW),
  MachineWire: machineWire(),
  MachineEventWire: { session_id: 'one', gpu: 'A10G', created_at: '2030-01-01T12:00Z', start_time: null, cost: 0 },
  PricesWire: { A10G: 0.000337 },
  CreditWire: { autumn_data: { features: { 'gpu-credit': { balance: 12.5 } } }, list: [] },
  CreatedWire: { session_id: 'one', url: null },
  StartErrorWire: { timestamp: 1795809067.7664783, logs: 'Traceback' },
  StartErrorsWire: { logs: [{ timestamp: 1795809067.7664783, logs: 'Traceback' }] },
  SignInWire: { api_key: 'key', name: null },
  ProfileWire: { username: 'ada', first_name: 'Ada', last_name: null },
};

const SCHEMAS = Object.entries<unknown>(wire).flatMap(
  ([name, schema]): readonly (readonly [string, z.core.$ZodType])[] =>
    schema instanceof z.core.$ZodType ? [[name, schema]] : [],
);

type Path = readonly string[];

/** Where a schema takes that something is missing, found out from the schema itself. */
function optionalsOf(schema: z.core.$ZodType, path: Path = []): readonly Path[] {
  if (schema instanceof z.core.$ZodLazy) return optionalsOf(schema._zod.innerType, path);
  if (schema instanceof z.core.$ZodPipe) return optionalsOf(schema._zod.def.in, path);
  if (schema instanceof z.core.$ZodCatch || schema instanceof z.core.$ZodNullable)
    return [path, ...optionalsOf(schema._zod.def.innerType, path)];
  if (schema instanceof z.core.$ZodOptional) return [path, ...optionalsOf(schema._zod.def.innerType, path)];
  if (!(schema instanceof z.core.$ZodObject)) return [];
  return Object.entries(schema._zod.def.shape).flatMap(([key, field]) => optionalsOf(field, [...path, key]));
}

function altered(answer: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const fields = { ...(answer as Wire) };
  return { ...fields, [key]: altered(fields[key] ?? {}, rest, value) };
}

test('every schema of the server is known here by an answer that it reads', () => {
  assert.deepEqual(SCHEMAS.map(([name]) => name).sort(), Object.keys(ANSWERS).sort());
  for (const [name, schema] of SCHEMAS) assert.ok(z.safeParse(schema, ANSWERS[name]).success, name);
});

test('whatever stands in an optional field, of whichever schema, the answer stays readable', () => {
  const fields = SCHEMAS.flatMap(([name, schema]) => optionalsOf(schema).map((path) => ({ name, schema, path })));
  assert.ok(fields.length >= 25, `${fields.length} fields`);
  for (const { name, schema, path } of fields) {
    const isRead = (value: unknown) => {
      const answer = altered(ANSWERS[name], path, value);
      assert.ok(z.safeParse(schema, answer).success, `${name}.${path.join('.')} = ${JSON.stringify(value)}`);
    };
    for (const value of [undefined, null, '', 'x', 0, -1, 1.5, true, [], {}, '2030-01-01T12:00Z']) isRead(value);
    fc.assert(fc.property(fc.jsonValue(), isRead), { numRuns: 50 });
  }
});

test('an optional field that cannot be read is named, one that is missing or null is not', () => {
  const machine = (overrides: Wire) => unreadIn(wire.MachineWire, machineWire(overrides));
  assert.deepEqual(machine({}), []);
  assert.deepEqual(machine({ gpu: null, machine_version: undefined, machine_builder_version: 4 }), []);
  assert.deepEqual(machine({ gpu: 7, machine_version: { major: 1 } }), ['gpu', 'machine_version']);
  assert.deepEqual(unreadIn(wire.CreditWire, { autumn_data: { features: 'none' } }), ['autumn_data.features']);
});

test('what was not read of a session is told with it', () => {
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
