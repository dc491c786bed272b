import assert from 'node:assert/strict';
import test from 'node:test';
import { actsFor, gridFor, moved, touched, unread, wanted, type Wish } from '../../../src/gallery/arranging';
import { differencesOf, wordsBeside } from '../../../src/gallery/differing';
import { inputsOf } from '../../../src/gallery/facts';
import type { Facts, Item } from '../../../src/gallery/item';
import { readWorkflow } from '../../../src/comfyui/workflow';
import { Slices } from '../../../src/platform/slices';
import { systemClock } from '../../../src/platform/clock';

const item = (name: string, more: Partial<Item> = {}): Item => ({
  ...{ id: name, uri: `file:///${name}`, name, kind: 'image', at: 0, day: 'today', from: 'box', src: '' },
  ...{ isSaved: true, isStarred: false },
  ...more,
});
const facts = (...inputs: NonNullable<Facts['inputs']>): Facts => ({ size: undefined, inputs });
const ALL: Wish = { words: '', kind: '', from: '', day: '', isStarred: false, work: '' };

const inputsIn = async (text: string) => {
  const workflow = await readWorkflow(text, new Slices(systemClock));
  assert.ok(workflow);
  return inputsOf(workflow);
};

test('values that people look for come first, links are none, and numbers are as they were written', async () => {
  const text = `{"3": {"class_type": "KSampler", "inputs": {"model": ["4", 0], "cfg": 8.0, "seed": 18446744073709551615}},
    "5": {"class_type": "Load", "inputs": {"flag": true, "seed": 2}},
    "6": {"class_type": "Load", "inputs": {"flag": false}}}`;
  assert.deepEqual(await inputsIn(text), [
    ['KSampler seed', '18446744073709551615'],
    ['Load seed', '2'],
    ['KSampler cfg', '8.0'],
    ['Load flag', 'true'],
    ['Load 2 flag', 'false'],
  ]);
});

test('what is chosen is read before what is in view, and that before what is searched', () => {
  const all = [item('seen'), item('chosen'), item('film', { kind: 'video' }), item('live', { isSaved: false })];
  const [seen, chosen, film] = all;
  assert.ok(seen && chosen && film);
  const known = new Map<string, Facts>();
  const looked = { inView: [seen, film], picked: [chosen], searched: all };
  const orders: string[] = [];
  for (let left = unread(looked, (id) => known.get(id)); left.next; left = unread(looked, (id) => known.get(id))) {
    const { act, items } = left.next;
    orders.push(`${act} ${items.map(({ name }) => name).join('+')}`);
    assert.ok(left.isSearching || act !== 'look');
    for (const { id } of items) known.set(id, act === 'look' ? facts() : { size: undefined });
  }
  assert.deepEqual(orders, ['look chosen', 'measure seen', 'look seen+film+live']);
});

test('values are bounded in number and length, and hide and reverse nothing', async () => {
  const inputs = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`v${n}`, `\u202e${'x'.repeat(10_000)}`]));
  const all = await inputsIn(JSON.stringify({ '1': { class_type: 'A\u0007B', inputs } }));
  assert.equal(all.length, 32);
  for (const [name, value] of all) assert.ok(/^AB v\d+$/.test(name) && /^x+…?$/.test(value) && value.length <= 4_000);
});

test('the list is narrowed by words of name and prompt, by kind, session, day and star', () => {
  const items = [
    item('fox.png', { isStarred: true }),
    item('clip.mp4', { kind: 'video', from: 'other', day: 'yesterday' }),
  ];
  const factsOf = (id: string) => (id === 'fox.png' ? facts(['Text text', 'A Red Fox']) : undefined);
  const names = (wish: Partial<Wish>) => wanted(items, { ...ALL, ...wish }, factsOf).map(({ name }) => name);
  assert.deepEqual(names({}), ['fox.png', 'clip.mp4']);
  assert.deepEqual(names({ words: ' red PNG ' }), ['fox.png']);
  assert.deepEqual(names({ words: 'red clip' }), []);
  assert.deepEqual(names({ words: 'clip' }), ['clip.mp4']);
  for (const wish of [{ kind: 'video' }, { from: 'other' }, { day: 'yesterday' }])
    assert.deepEqual(names(wish), ['clip.mp4']);
  assert.deepEqual(names({ isStarred: true }), ['fox.png']);
});

test('keys move in the grid and stay within it', () => {
  const grid = gridFor(400, 8);
  assert.deepEqual(grid, { columns: 3, side: 133, count: 8 });
  const to = (key: string, at: number) => moved(key, at, grid, 2);
  assert.deepEqual([to('ArrowDown', 1), to('ArrowUp', 1), to('ArrowLeft', 4), to('ArrowRight', 7)], [4, 0, 3, 7]);
  assert.deepEqual([to('PageDown', 0), to('End', 2), to('Home', 5), to('x', 5)], [6, 7, 0, undefined]);
  assert.equal(moved('End', 0, gridFor(0, 0), 1), 0);
});

test('an area touches the tiles that it covers', () => {
  const grid = gridFor(300, 5); // two columns of 150
  assert.deepEqual(touched(grid, { left: 160, right: 170, top: 0, bottom: 151 }), [1, 3]);
  assert.deepEqual(touched(grid, { left: -9, right: 999, top: 301, bottom: 999 }), [4]);
  assert.deepEqual(touched(gridFor(300, 0), { left: 0, right: 300, top: 0, bottom: 300 }), []);
});

test('only what differs is compared', () => {
  const all = [facts(['seed', '1'], ['cfg', '8']), facts(['seed', '2'], ['cfg', '8'], ['lora', 'x']), undefined];
  assert.deepEqual(differencesOf(all), [
    { name: 'seed', values: ['1', '2', undefined] },
    { name: 'cfg', values: ['8', '8', undefined] },
    { name: 'lora', values: [undefined, 'x', undefined] },
  ]);
  assert.deepEqual(differencesOf([all[0], all[0]]), []);
});

test('words that the other text lacks are marked', () => {
  assert.deepEqual(wordsBeside('a red fox in snow', 'a fox in deep snow'), [
    { text: 'a', isNew: false },
    { text: 'red', isNew: true },
    { text: 'fox in snow', isNew: false },
  ]);
  const long = 'word '.repeat(1_000);
  assert.deepEqual(wordsBeside(long, 'x'), [{ text: long, isNew: true }]);
});

test('what is offered fits what is chosen', () => {
  const offered = (picked: readonly Item[], isBeside = false, work?: string) => {
    const factsOf = () => (work === undefined ? undefined : { size: undefined, work });
    return Object.entries(actsFor({ picked, isBeside, isShown: true }, factsOf)).flatMap(([act, is]) =>
      is ? act : [],
    );
  };
  const about = ['openWorkflow', 'queueAgain', 'queueMany'];
  const [fox, live, clip] = [item('fox.png'), item('new.png', { isSaved: false }), item('clip.mp4', { kind: 'video' })];
  assert.deepEqual(offered([fox]), ['open', 'copy', 'star', 'trash', ...about]);
  assert.deepEqual(offered([fox], false, ''), ['open', 'copy', 'star', 'trash'], 'it is known to have no workflow');
  assert.deepEqual(offered([live], false, 'a'), ['open', 'save', 'copy', ...about, 'sameWork']);
  assert.deepEqual(offered([fox, live]), ['open', 'save', 'compare', 'star', 'trash']);
  assert.deepEqual(offered([fox, clip]), ['open', 'star', 'trash']);
  assert.deepEqual(offered([fox, live], true), ['save', 'star', 'wipe', 'back']);
  assert.deepEqual(offered(Array.from({ length: 5 }, () => fox)), ['open', 'star', 'trash']);
});
