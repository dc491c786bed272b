import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as z from 'zod/mini';
import type { Wire } from '../../fakes/wire';
import { ANSWERS, SCHEMAS } from './unread';

type Path = readonly string[];

/** The paths that a schema allows to be missing, found out from the schema itself. */
function optionalsOf(schema: z.core.$ZodType, path: Path = []): readonly Path[] {
  if (schema instanceof z.core.$ZodLazy) return optionalsOf(schema._zod.innerType, path);
  if (schema instanceof z.core.$ZodPipe) return optionalsOf(schema._zod.def.in, path);
  if (schema instanceof z.core.$ZodUnion) {
    const [inner, other] = schema._zod.def.options;
    return inner && other instanceof z.core.$ZodTransform ? [path, ...optionalsOf(inner, path)] : [];
  }
  if (schema instanceof z.core.$ZodNullable || schema instanceof z.core.$ZodOptional)
    return [path, ...optionalsOf(schema._zod.def.innerType, path)];
  if (!(schema instanceof z.core.$ZodObject)) return [];
  return Object.entries(schema._zod.def.shape).flatMap(([key, field]) => optionalsOf(field, [...path, key]));
}

function altered(answer: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const fields = { ...(answer as Wire) };
  return { ...fields, [key]: altered(fields[key] ?? {}, rest, value) };
}

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
