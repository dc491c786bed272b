import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryFiles } from '../../../src/platform/journal';
import type { Knowledge } from '../../../src/knowledge';
import { answer } from '../../fakes/faults';
import { settled } from '../../fakes/manualClock';
import { setup } from '../../fakes/setup';
import { FakeMemento } from '../../fakes/vscode/storage';

const PRICING = 'GET /platform/gpu-pricing';
const HOUR = 3_600_000;
const priceIn = ({ facts }: Pick<Knowledge, 'facts'>) => facts().prices?.get('A10G');

test('prices are asked for without a key and kept for some hours', async () => {
  const { api, clock, knowledge } = setup();
  const { prices } = knowledge;
  assert.equal(priceIn(knowledge), undefined);

  await prices.refresh();
  await clock.advance(6 * HOUR - 1);
  await prices.refresh();
  assert.equal(api.count(PRICING), 1);
  assert.equal(api.calls[0]?.key, undefined);
  assert.equal(priceIn(knowledge), 337_000);

  await clock.advance(1);
  await prices.refresh();
  assert.equal(api.count(PRICING), 2);
});

test('a price list that cannot be had leaves the last one, and is asked for again in a while', async () => {
  const { api, clock, knowledge } = setup();
  const { prices } = knowledge;
  await prices.refresh();
  await clock.advance(6 * HOUR);

  api.fail(PRICING, answer(404, ''));
  await prices.refresh();
  assert.equal(priceIn(knowledge), 337_000);

  await prices.refresh();
  assert.equal(api.count(PRICING), 2, 'not at once');
  await clock.advance(5 * 60_000);
  await prices.refresh();
  assert.equal(api.count(PRICING), 3);
});

test('the next server is asked for its prices at once', async () => {
  const { api, knowledge, settings } = setup();
  await knowledge.prices.refresh();

  settings.baseUrl = 'https://other.test/api';
  knowledge.reset();
  assert.equal(priceIn(knowledge), undefined);
  await knowledge.prices.refresh();

  assert.equal(api.count(PRICING), 2);
});

test('who asks at the same time shares the answer', async () => {
  const { api, knowledge } = setup();

  await Promise.all([knowledge.prices.refresh(), knowledge.prices.refresh()]);

  assert.equal(api.count(PRICING), 1);
});

test('the prices of the server before are never shown for the next one', async () => {
  const { api, knowledge } = setup();
  const { prices } = knowledge;
  const release = api.hold(PRICING);
  const early = prices.refresh();
  await settled();

  knowledge.reset();
  api.prices = { A10G: 0.5 };
  const late = prices.refresh();
  await settled();
  release();
  await Promise.all([early, late]);

  assert.equal(priceIn(knowledge), 500_000_000);
});

test('a name is unknown at first, asked for once, and then known', async () => {
  const { api, knowledge } = setup();
  let changes = 0;
  knowledge.onDidChange(() => changes++);
  const nameOf = (id: string) => knowledge.facts().nameOf(id);

  assert.equal(nameOf('ada'), undefined);
  assert.equal(nameOf('ada'), undefined);
  await settled();

  assert.equal(nameOf('ada'), 'name of ada');
  assert.equal(changes, 1);
  assert.equal(api.count('GET /user/ada'), 1);
});

test('a name that cannot be had stays unknown and is no failure', async () => {
  const { api, knowledge } = setup();
  api.fail('GET /user/ada', answer(404, { detail: 'User not found' }));

  knowledge.facts().nameOf('ada');
  await settled();

  assert.equal(knowledge.facts().nameOf('ada'), undefined);
  assert.equal(api.count('GET /user/ada'), 1);
});

test('everything is forgotten for the next account', async () => {
  const { keys, knowledge, settings, store } = setup();
  await store.refresh();
  await knowledge.prices.refresh();
  knowledge.facts().nameOf('ada');
  await settled();

  keys.key = undefined;
  settings.baseUrl = 'https://other.test/api';
  knowledge.reset();

  const { snapshot, prices, nameOf } = knowledge.facts();
  assert.deepEqual([snapshot.kind, prices, nameOf('ada')], ['loading', undefined, undefined]);
});

test('a name that the server before gave is not told of the next one', async () => {
  const { api, knowledge } = setup();
  let changes = 0;
  knowledge.onDidChange(() => changes++);
  const release = api.hold('GET /user/ada');
  knowledge.facts().nameOf('ada');
  await settled();

  knowledge.reset();
  changes = 0;
  release();
  await settled();

  assert.equal(changes, 0);
  api.fail('GET /user/ada', answer(404, ''));
  assert.equal(knowledge.facts().nameOf('ada'), undefined);
});

test('prices outlast a restart, with the day they are of, and only for their own server', async () => {
  const memory = new FakeMemento();
  const before = setup(memoryFiles(), memory);
  await before.knowledge.prices.refresh();
  const learnt = before.clock.now();

  const after = setup(memoryFiles(), memory);
  await after.clock.advance(48 * HOUR);
  after.api.fail(PRICING, answer(404, ''));
  await after.knowledge.prices.refresh();
  assert.equal(priceIn(after.knowledge), 337_000);
  assert.equal(after.knowledge.facts().spending.pricesAsOf, learnt);

  after.settings.baseUrl = 'https://other.test/api';
  after.knowledge.reset();
  assert.equal(priceIn(after.knowledge), undefined);
});

test('what was kept by mistake is no price list', () => {
  const memory = new FakeMemento();
  void memory.update('prices', { server: 'https://api.test/api', asOf: 'yesterday', prices: 3 });
  assert.equal(priceIn(setup(memoryFiles(), memory).knowledge), undefined);
});
