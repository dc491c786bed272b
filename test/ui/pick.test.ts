import assert from 'node:assert/strict';
import test from 'node:test';
import { pick, pickInSteps, withLateProgress, withProgress, type PickStep } from '../../src/ui/pick';
import { ManualClock } from '../fakes/manualClock';
import { openEditor } from '../fakes/vscode/editor';

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

test('what was typed can be an answer of its own, and what makes no sense is none', async () => {
  const editor = openEditor();
  const typed = (text: string) =>
    /^\d+$/.test(text) ? { value: +text, label: `${text}!`, description: '' } : undefined;
  const answer = pick({ ...options, typed });
  const list = await editor.pick(/Number/);
  list.type('none');
  list.enter();
  assert.equal(list.isVisible, true, 'nothing matched, so nothing was taken');
  list.type('first');
  assert.deepEqual(list.labels, ['one'], 'descriptions are searched as well');
  list.type('77');
  assert.deepEqual(list.labels, ['77!']);
  list.enter();
  assert.equal(await answer, 77);
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
