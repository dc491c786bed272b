import assert from 'node:assert/strict';
import test from 'node:test';
import { Acts } from '../../../src/sessions/acts';
import { Guardian } from '../../../src/guardian/guardian';
import type { Announcement } from '../../../src/guardian/announcement';
import { Intents } from '../../../src/sessions/intents';
import { memoryFiles } from '../../fakes/memoryFiles';
import { LogBook, setupOne } from '../../fakes/setup';
import { naive } from '../../fakes/wire';
import { USUAL_SETTINGS } from '../../fakes/guardSettings';

/** The guardian of a window that believes to be the leader, with one session that ends in half an hour. */
async function guard(leadership: { isLeader: boolean; isConfirmed: boolean }) {
  const { clock, app, api } = await setupOne();
  const files = memoryFiles();
  const log = new LogBook();
  const said: Announcement[] = [];
  const believed = {
    get isLeader() {
      return leadership.isLeader;
    },
    confirm: () => Promise.resolve(leadership.isConfirmed),
    presence: { isWatched: true, inUse: new Set<never>(), saving: new Set<never>() },
  };
  const options = {
    appState: app.appState,
    guardSettings: () => USUAL_SETTINGS,
    audience: { isRead: () => true, away: () => undefined, warnAt: () => [30] },
    store: app.store,
    monitor: app.monitor,
    recorder: app.money.recorder,
    leadership: believed,
    acts: new Acts({ leadership: believed, clock }),
    intents: new Intents({ journal: files('intents.jsonl'), scope: () => Promise.resolve('scope'), clock, log }),
    journal: () => Promise.resolve(files('guard')),
  };
  const guardian = new Guardian(options, { clock, log, random: () => 0 });
  guardian.onDidAnnounce((one) => said.push(one));
  return { guardian, said, leadership, clock, api, files };
}

test('a window that has lost the lead, and does not know it yet, says nothing', async () => {
  const { guardian, said, leadership, files } = await guard({ isLeader: true, isConfirmed: false });
  await guardian.round();
  assert.deepEqual(said, []);
  assert.equal(await files('guard').read(), '');
  leadership.isConfirmed = true;
  await guardian.round();
  assert.deepEqual(
    said.map(({ kind }) => kind),
    ['warn'],
  );
});

test('a window that does not lead says nothing', async () => {
  const { guardian, said } = await guard({ isLeader: false, isConfirmed: true });
  await guardian.round();
  assert.deepEqual(said, []);
});

test('whoever looks after nothing rests until there is news', async () => {
  const { guardian, leadership } = await guard({ isLeader: true, isConfirmed: true });
  await guardian.round();
  assert.equal(guardian.rest(), 30_000, 'what comes without news is looked at now and then');
  leadership.isLeader = false;
  assert.equal(guardian.rest(), 10_000);
});

test('a warning that another editor has made needless is not given', async () => {
  const { guardian, said, clock, api } = await guard({ isLeader: true, isConfirmed: true });
  await clock.advance(10_000);
  api.change('one', { timeout_end: naive(clock.now() + 90 * 60_000) });
  await guardian.round();
  assert.deepEqual(said, []);
});
