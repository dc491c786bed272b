import assert from 'node:assert/strict';
import test from 'node:test';
import { apart } from '../../../src/sessions/twins';
import { MINUTE, NOW, ready, session } from '../../fakes/appState';

const begun = (id: string, minutesAgo: number, look = {}) => ({
  ...session(id, look),
  createdAt: NOW - minutesAgo * MINUTE,
});

test('a session that reads like no other says nothing more', () => {
  const sessions = [begun('aaaa-1', 10), begun('bbbb-2', 10, { gpu: 'CPU' }), begun('cccc-3', 10, { on: 'two' })];
  for (const one of sessions) assert.equal(apart(one, ready({ sessions })), '');
});

test('sessions of one machine and GPU say since when they run; in the same minute, how their ids begin', () => {
  const sessions = [begun('aaaa-1', 10), begun('bbbb-2', 20), begun('cccc-3', 20)];
  const texts = sessions.map((one) => apart(one, ready({ sessions })));
  assert.match(texts[0]!, /^ · since [^·]+$/);
  assert.match(texts[1]!, /^ · since [^·]+ · bbbb$/);
  assert.match(texts[2]!, /^ · since [^·]+ · cccc$/);
});
