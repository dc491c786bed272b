import assert from 'node:assert/strict';
import test from 'node:test';
import { pick, pickInSteps, withLateProgress, withProgress, type PickStep } from '../../../src/platform/ui/pick';
import { ManualClock } from '../../fakes/manualClock';
import { openEditor } from '../../fakes/vscode/editor';

const choices = [
  { value: 1, label: 'one', description: 'first' },
  { value: 2, label: 'two', description: 'second' },
];
const options = { title: 'Number', placeholder: 'Which?', choices };

test('a choice is its value, walking away is nothing, and either way the list is gone', async () => {
  const editor = openEditor();
  const chosen = pick(options);
  const first = await editor.pick(/Number: Which/);
  first.choose('two');
  assert.equal(await chosen, 2);

  const left = pick(options);
  const second = await editor.pick(/Number/);
  second.hide();
  assert.equal(await left, undefined);
  assert.deepEqual([first.isDisposed, second.isDisposed], [true, true]);
  assert.equal(first.ignoreFocusOut, true, 'a look at another window ends no question');
});

test('Enter takes what is preferred, or else the first', async () => {
  const editor = openEditor();
  const preferred = pick({ ...options, preferred: 2 });
  (await editor.pick(/Number/)).enter();
  assert.equal(await preferred, 2);
  const plain = pick(options);
  (await editor.pick(/Number/)).enter();
  assert.equal(await plain, 1);
});

test('what was typed can be answers of their own, and what makes no sense is a hint', async () => {
  const editor = openEditor();
  const typed = (text: string) => {
    if (!/^\d+$/.test(text)) return { choices: [], hint: { label: 'No number', description: 'Type 20' } };
    const readings = [+text, +text + 100];
    return { choices: readings.map((value) => ({ value, label: `${value}!`, description: '' })) };
  };
  const ask = async () => {
    const answer = pick({ ...options, typed });
    return { answer, list: await editor.pick(/Number/) };
  };
  const first = await ask();
  for (const text of ['none', 'first', '1.5', '-1']) {
    first.list.type(text);
    assert.deepEqual([first.list.labels, first.list.describe('No number')], [['No number'], 'Type 20'], text);
    first.list.enter();
    assert.equal(first.list.isVisible, true, 'nothing could be read, so nothing was taken');
  }
  for (const empty of ['', '  ']) {
    first.list.type(empty);
    assert.deepEqual(first.list.items.length, 2, 'nothing typed is no mistake');
  }
  first.list.type('77');
  assert.deepEqual(first.list.labels, ['77!', '177!']);
  first.list.enter();
  assert.equal(await first.answer, 77, 'the likeliest comes first');

  const second = await ask();
  second.list.type('77');
  second.list.choose('177!');
  assert.equal(await second.answer, 177);

  const third = await ask();
  third.list.value = '77'; // and Enter, faster than VS Code tells of what was typed
  third.list.selectedItems = third.list.items.slice(1);
  third.list.accept();
  assert.equal(await third.answer, 77);
});

test('descriptions are searched as well', async () => {
  const editor = openEditor();
  const answer = pick(options);
  const list = await editor.pick(/Number/);
  list.type('second');
  assert.deepEqual(list.labels, ['two']);
  list.enter();
  assert.equal(await answer, 2);
});

test('steps add up, Back asks the one before again, and Escape ends them all', async () => {
  const editor = openEditor();
  const ask = (title: string) => async (known: readonly number[], step: PickStep) => {
    const picked = await pick({ ...options, ...step, title });
    return typeof picked === 'number' ? [...known, picked] : picked;
  };
  const steps = [ask('First'), ask('Second')];
  const answers = pickInSteps<readonly number[]>([], steps);

  const first = await editor.pick(/First/);
  assert.deepEqual([first.step, first.totalSteps, first.buttons.length], [1, 2, 0]);
  first.choose('one');
  const second = await editor.pick(/Second/);
  assert.deepEqual([second.step, second.totalSteps], [2, 2]);
  second.goBack();
  (await editor.pick(/First/)).choose('two');
  (await editor.pick(/Second/)).choose('two');
  assert.deepEqual(await answers, [2, 2]);

  const given = pickInSteps<readonly number[]>([], steps);
  (await editor.pick(/First/)).choose('one');
  (await editor.pick(/Second/)).hide();
  assert.equal(await given, undefined);
});

test('quick work shows no notification; slower work says what it said last, and can be cancelled', async () => {
  const editor = openEditor();
  const clock = new ManualClock();
  assert.equal(await withLateProgress(clock, 'Quick', () => Promise.resolve('done')), 'done');
  await assert.rejects(
    withLateProgress(clock, 'Quick', () => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.deepEqual([editor.progresses, clock.pending], [[], 0]);

  const work = withLateProgress(clock, 'Slow', (signal, say) => {
    say('0 of 2', 10);
    say('1 of 2', 40);
    clock.after(600, () => say('2 of 2', 50));
    return new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('given up')));
  });
  await clock.advance(499);
  assert.deepEqual(editor.progresses, []);
  await clock.advance(101);
  const shown = await editor.progress(/Slow/);
  assert.deepEqual([shown.steps, shown.done], [['1 of 2', '2 of 2'], 100]);
  shown.cancel();
  assert.equal(await work, 'given up');
  assert.equal(shown.isOver, true);
});

test('the cancel button of long work is a signal, and the end of the work ends its notification', async () => {
  const editor = openEditor();
  const work = withProgress('Work', (signal, say) => {
    say('half');
    return new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('given up')));
  });
  const shown = await editor.progress(/Work/);
  assert.deepEqual([shown.isCancellable, shown.steps, shown.isOver], [true, ['half'], false]);
  shown.cancel();
  assert.equal(await work, 'given up');
  assert.equal(shown.isOver, true);
});
