import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseInstant } from '../../../src/comfydeploy/instant';

const instants = fc.date({ min: new Date(0), max: new Date(Date.UTC(2100, 0, 1)), noInvalidDate: true });

/** The nine spellings, by route, and how precise each is, in ms. */
const SPELLINGS: readonly (readonly [where: string, write: (iso: string, micros: string) => string, kept: number])[] = [
  ['machines, sessions', (iso, micros) => `${iso.slice(0, -1)}${micros}`, 1],
  ['the same on a full second', (iso) => iso.slice(0, -5), 1_000],
  ['workflows', (iso, micros) => `${iso.slice(0, -1).replace('T', ' ')}${micros}`, 1],
  ['events, versions, logs', (iso) => iso, 1],
  ['the same on a full second', (iso) => `${iso.slice(0, -8)}Z`, 60_000],
  ['changed workflows', (iso, micros) => `${iso.slice(0, -1)}${micros}Z`, 1],
  ['deployments', (iso) => `${iso.slice(0, -1)}000Z`, 1],
  ['clones', (iso, micros) => `${iso.slice(0, -1)}${micros}+00:00`, 1],
  ['saved versions', (iso, micros) => `${iso.slice(0, -1)}${micros}+00Z`, 1],
];

test('every instant reads back the same from each way the server writes it', () => {
  fc.assert(
    fc.property(instants, fc.integer({ min: 0, max: 999 }), (date, micros) => {
      for (const [where, write, kept] of SPELLINGS) {
        const text = write(date.toISOString(), micros.toString().padStart(3, '0'));
        assert.equal(parseInstant(text), date.getTime() - (date.getTime() % kept), `${where}: ${text}`);
      }
    }),
    { numRuns: 200 },
  );
});
