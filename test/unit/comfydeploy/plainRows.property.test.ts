import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseInstant } from '../../../src/comfydeploy/instant';
import { plainMachine, plainSession } from '../../../src/comfydeploy/plainRows';
import { readRow } from '../../../src/comfydeploy/rowReading';
import { MachineWire, SessionWire } from '../../../src/comfydeploy/wire';

const two = fc.oneof(fc.nat(12), fc.nat(31), fc.nat(99)).map((number) => String(number).padStart(2, '0'));
const instant = fc
  .tuple(fc.constantFrom('19', '20', '02'), fc.array(two, { minLength: 7, maxLength: 7 }), fc.nat(4))
  .map(([century, [year, month, day, hour, minute, second, fraction], form]) => {
    const text = `${century}${year}-${month}-${day}T${hour}:${minute}:${second}`;
    return [text, `${text}.${fraction}4321`, `${text}.9${fraction}`, `${text}Z`, text.replace('T', ' ')][form] ?? text;
  });
const anything = fc.oneof(fc.string(), fc.jsonValue({ maxDepth: 1 }), fc.constant(undefined), instant);
const usual = (...values: readonly unknown[]) =>
  fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...values) }, anything);
const time = usual('2030-01-01T12:00:00', '2030-02-28T23:59:59.969954');
const name = fc.oneof(fc.string(), fc.constantFrom('sd-box', 'a  b', 'eyJhbGciOiJIUzI1', 'http://a.b', '\u202Ex', 'é'));

const session = fc.record({
  session_id: usual('a', 'b'),
  gpu_event_id: usual('a', null, undefined),
  url: usual('https://a.example', '', null),
  gpu: fc.oneof(name, anything),
  created_at: time,
  timeout: usual(5, 0, null, 1e300),
  timeout_end: time,
  machine_id: usual('m', '', null),
  machine_version_id: usual('v', null),
  user_id: usual('u', null, undefined),
});
const machine = fc.record({
  id: usual('m', 'n'),
  name: fc.oneof(name, anything),
  type: usual('comfy-deploy-serverless', 'classic'),
  status: usual('ready', 'building'),
  gpu: usual('A10G', null, ' '),
  machine_version: usual('0.4.0', 4, null, undefined),
  machine_builder_version: usual('4', 3, null),
  machine_version_id: usual('v', null),
  comfyui_version: usual('c', undefined),
  updated_at: time,
});

test('a row is read without a schema only as the schema reads it', () => {
  let read = 0;
  const isSame = (schema: typeof SessionWire | typeof MachineWire, key: string, item: unknown, plain: unknown) => {
    if (plain === undefined) return;
    read++;
    assert.deepEqual({ row: plain, unread: [] }, readRow({ row: schema, key }, item));
  };
  fc.assert(
    fc.property(session, (item) => isSame(SessionWire, 'session_id', item, plainSession(item))),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(machine, (item) => isSame(MachineWire, 'id', item, plainMachine(item))),
    { numRuns: 2_000 },
  );
  assert.ok(read > 100, 'and most of the usual ones are');
  for (const item of [null, undefined, 1, 'a', [], {}])
    assert.deepEqual([plainSession(item), plainMachine(item)], [undefined, undefined]);
});

test('a time in the usual spelling is the one that the editor itself reads in it', () => {
  fc.assert(
    fc.property(instant, (text) => {
      const expected = Date.parse(
        text
          .replace(' ', 'T')
          .replace(/(\.\d{3})\d*/, '$1')
          .replace(/Z?$/, 'Z'),
      );
      assert.equal(parseInstant(text), Number.isNaN(expected) ? undefined : expected);
    }),
    { numRuns: 5_000 },
  );
});
