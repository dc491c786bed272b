import { fold, lineOf, parseLedger, type LedgerEvent } from '../../../src/sessions/ledger';
import { scopeOf } from '../../../src/accounts/keyRing';
import { machineId, sessionId } from '../../fakes/setup';

export const NOW = Date.UTC(2030, 0, 1, 12);
export const MINE = scopeOf('https://api.test/api', 'user-me');
export const ONE = sessionId('one');

export const asked = (intent: string): LedgerEvent => ({
  kind: 'createAsked',
  intent,
  machineId: machineId('machine-1'),
  gpu: 'T4',
  at: NOW,
  known: [ONE],
});

export const written = (events: readonly LedgerEvent[], scope = MINE, on = NOW): string =>
  events.map((event) => `${lineOf(scope, on, event)}\n`).join('');

export const stateOf = (text: string, scope = MINE) => fold(parseLedger(text, scope).events);
