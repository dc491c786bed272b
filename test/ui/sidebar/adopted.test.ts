import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { ask, startWithBox } from '../creating';
import { MINUTE, type World } from '../start';

/** The GPU is rented and the answer lost, and every reading fails until the request is given up. */
async function startUnanswered(t: TestContext): Promise<World> {
  const world = await startWithBox(t, (control) =>
    control.fault({ method: 'POST', path: '/api/session', times: 1, effect: { kind: 'reset', when: 'after' } }),
  );
  const created = world.run('createSession');
  await ask(world);
  await world.until('the request', () => world.control.bill().created === 1);
  world.control.setOffline(true);
  await world.advance(MINUTE);
  await world.finish(created);
  assert.match(world.editor.messages[0]?.text ?? '', /No new session has shown up so far/);

  world.control.setOffline(false);
  await world.advance(3 * MINUTE); // after a minute of failures the next try may be 80 s away
  return world;
}

test('a session whose request went unanswered is announced once, when it is found', async (t) => {
  const world = await startUnanswered(t);
  const found = world.editor.messages.slice(1);
  assert.deepEqual(
    found.map(({ kind, text, buttons }) => [kind, text, buttons]),
    [
      [
        'warning',
        'The A10G session on sd-box you requested has started after all, although the request was not answered. It is billed until it ends.',
        ['Open Session', 'End Session…'],
      ],
    ],
  );
  await world.advance(5 * MINUTE);
  assert.equal(world.editor.messages.filter(({ text }) => /after all/.test(text)).length, 1);
  assert.equal(world.control.bill().created, 1);
});

test('a session that was found can be opened from the notice', async (t) => {
  const world = await startUnanswered(t);
  (await world.editor.message(/after all/)).press('Open Session');
  await world.until('its tab', () => world.editor.panels.length === 1);
});

test('a session that was found can be ended from the notice', async (t) => {
  const world = await startUnanswered(t);
  (await world.editor.message(/after all/)).press('End Session…');
  (await world.editor.message(/^End the session on sd-box/)).press('End Session');
  await world.advance(MINUTE);
  assert.deepEqual(
    world.control.bill().sessions.map(({ open }) => open),
    [false],
  );
});
