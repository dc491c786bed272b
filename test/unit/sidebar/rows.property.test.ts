import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Session } from '../../../src/comfydeploy/model';
import { rowsOf } from '../../fakes/treeRows';
import { appState, type KnownState, machine, NO_SESSIONS, ready, session } from '../../fakes/appState';

const PHASES: readonly Session['phase'][] = ['starting', 'ready', 'undated', 'ending'];
const rowsIn = (known: KnownState) => rowsOf(known, known);

const rows = (overrides: Parameters<typeof ready>[0], more: Partial<KnownState> = {}) =>
  rowsIn(appState({ snapshot: ready(overrides), ...more }));

const worlds = fc.record({
  machines: fc.uniqueArray(fc.constantFrom('one', 'two', 'three', 'four'), { maxLength: 4 }),
  sessions: fc.uniqueArray(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      phase: fc.constantFrom(...PHASES),
      on: fc.constantFrom('one', 'two', 'gone', undefined),
      by: fc.constantFrom('user-me', 'user-ada', undefined),
      left: fc.integer({ min: -5, max: 90 }),
    }),
    { selector: ({ id }) => id, maxLength: 6 },
  ),
  showUnavailable: fc.boolean(),
});

test('every session is shown once, below its parent, under an id that does not change with its state', () => {
  fc.assert(
    fc.property(worlds, fc.constantFrom(...PHASES), ({ machines, sessions, showUnavailable }, later) => {
      const build = (phase: Session['phase'] | undefined) =>
        rows(
          {
            machines: machines.map((id) => machine(id, id === 'two' ? { hosting: NO_SESSIONS } : {})),
            sessions: sessions.map((look) => session(look.id, { ...look, phase: phase ?? look.phase })),
          },
          { showUnavailable },
        );
      const now = build(undefined);
      const ids = now.map(({ id }) => id);

      assert.equal(new Set(ids).size, ids.length);
      assert.equal(now.filter(({ kind }) => kind === 'session').length, sessions.length);
      for (const [index, { parent }] of now.entries())
        if (parent !== undefined) assert.ok(ids.indexOf(parent) >= 0 && ids.indexOf(parent) < index);
      for (const { id, kind, hasChildren } of now)
        if (kind !== 'session')
          assert.equal(
            hasChildren,
            now.some(({ parent }) => parent === id),
          );
      assert.deepEqual(
        build(later).map(({ id }) => id),
        ids,
      );
    }),
    { numRuns: 100 },
  );
});
