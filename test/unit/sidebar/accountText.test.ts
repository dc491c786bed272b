import assert from 'node:assert/strict';
import test from 'node:test';
import { accountText, accountTitle } from '../../../src/sidebar/accountText';
import { statusOf } from '../../../src/sidebar/status';
import { appState, ready, session } from '../../fakes/appState';

const USER = 'user_2f3kZ9aQ8wErT';
const ORG = 'org_2abcDEF3kZ9a';
const account = (userId: string | undefined, orgId?: string) =>
  appState({ snapshot: ready({ account: { userId, orgId, expiresAt: undefined } }) });
const named = { ...account(USER, ORG), nameOf: () => 'Ada Lovelace' };

test('the title names the person and the organization briefly, and nothing that is not known', () => {
  assert.equal(accountTitle(named), 'Ada Lovelace · org …F3kZ9a');
  assert.equal(accountTitle(account(USER, ORG)), '…Q8wErT · org …F3kZ9a');
  assert.equal(accountTitle(account('user-me')), 'user-me');
  assert.equal(accountTitle(account(undefined)), undefined);
  assert.equal(accountTitle({ ...named, snapshot: { kind: 'loading' } }), undefined);
});

test('the whole of it stands in tooltips, with where an unusual key comes from', () => {
  const whole = `Ada Lovelace · organization ${ORG} · key from the environment`;
  const snapshot = ready({
    account: { userId: USER, orgId: ORG, expiresAt: undefined },
    keySource: 'environment',
    sessions: [session('one', { by: USER })],
  });
  const known = { ...named, snapshot };
  assert.equal(accountText(known), whole);
  const lines = statusOf(known, { warnAt: [], watchOthers: false })?.tooltip.lines ?? [];
  assert.deepEqual(lines.at(-1), ['Account', whole]);
});
