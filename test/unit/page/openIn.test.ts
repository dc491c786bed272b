import assert from 'node:assert/strict';
import test from 'node:test';
import { elsewhereFor, isChosen, openInOf, rungsFor, type Rung } from '../../../src/page/openIn';
import { hostPattern, isRemembered, withoutRefusal, withRefusal } from '../../../src/sessions/refusals';
import { NOW } from '../../fakes/appState';

const DESKTOP = new Set<Rung>(['editorTab', 'integratedBrowser', 'externalBrowser']);
const WEB = new Set<Rung>(['editorTab', 'externalBrowser']);
const SHORT = { editorTab: 'tab', integratedBrowser: 'integrated', externalBrowser: 'external' } as const;
const said = (rungs: readonly Rung[]) => rungs.map((rung) => SHORT[rung]).join(' ');

for (const [setting, available, refused, expected] of [
  ['auto', DESKTOP, false, 'tab integrated external'],
  ['auto', DESKTOP, true, 'integrated external tab'],
  ['auto', WEB, false, 'tab external'],
  ['auto', WEB, true, 'external tab'],
  ['editorTab', DESKTOP, true, 'tab integrated external'],
  ['integratedBrowser', DESKTOP, false, 'integrated tab external'],
  ['integratedBrowser', WEB, false, 'tab external'],
  ['externalBrowser', DESKTOP, false, 'external integrated tab'],
  ['externalBrowser', WEB, true, 'external tab'],
] as const) {
  const where = available === WEB ? 'where VS Code has no browser' : 'where VS Code has a browser';
  test(`${setting}${refused ? ', after a refusal' : ''}, ${where}: ${expected}`, () => {
    assert.equal(said(rungsFor(setting, available, refused)), expected);
  });
}

test('what is not to be shown in a tab goes to the browser that is preferred', () => {
  assert.equal(said(elsewhereFor('auto', DESKTOP)), 'integrated external');
  assert.equal(said(elsewhereFor('editorTab', WEB)), 'external');
  assert.equal(said(elsewhereFor('externalBrowser', DESKTOP)), 'external integrated');
});

test('only our own tab and what the settings name is chosen', () => {
  assert.deepEqual(
    [isChosen('editorTab', 'externalBrowser'), isChosen('externalBrowser', 'externalBrowser')],
    [true, true],
  );
  assert.deepEqual(
    [isChosen('externalBrowser', 'auto'), isChosen('integratedBrowser', 'externalBrowser')],
    [false, false],
  );
});

test('a setting that makes no sense is the automatic choice', () => {
  for (const value of [undefined, null, '', 'toString', '__proto__', 'browser', 3, {}])
    assert.equal(openInOf(value), 'auto', JSON.stringify(value));
  assert.equal(openInOf('externalBrowser'), 'externalBrowser');
});

for (const [address, expected] of [
  ['https://wtqcahqwhd4tu0.r5.modal.host', 'modal.host'],
  ['https://abc.modal.host:8443/x?y', 'modal.host'],
  ['https://gpu.lan/', 'gpu.lan'],
  ['http://localhost:8188/', 'localhost'],
  ['http://127.0.0.1:41234/', '127.0.0.1'],
  ['http://[::1]:8188/', '[::1]'],
  ['https://10.0.0.7/', '10.0.0.7'],
] as const) {
  test(`a refusal of ${address} is remembered for ${expected}`, () => {
    assert.equal(hostPattern(address), expected);
  });
}

const DAY = 24 * 3_600_000;

test('a refusal counts for the next session of that server, for a week', () => {
  const refusals = withRefusal({}, 'https://one.r5.modal.host', NOW);
  assert.equal(isRemembered(refusals, 'https://two.r6.modal.host', NOW + 6 * DAY), true);
  assert.equal(isRemembered(refusals, 'https://two.r6.modal.host', NOW + 8 * DAY), false);
  assert.equal(isRemembered(refusals, 'https://two.r6.modal.host', NOW - 8 * DAY), false, 'the clock was set back');
  assert.equal(isRemembered(refusals, 'https://modal.elsewhere.host', NOW), false);
  assert.ok(!JSON.stringify(refusals).includes('one'), 'the part of the name that is a key is not kept');
});

test('a page that works is forgotten to have been refused; what is old goes by itself', () => {
  const both = withRefusal(withRefusal({}, 'https://a.one.test', NOW), 'https://a.two.test', NOW + 1);
  assert.deepEqual(withoutRefusal(both, 'https://b.one.test'), { 'two.test': NOW + 1 });
  assert.deepEqual(withRefusal(both, 'https://a.three.test', NOW + 9 * DAY), { 'three.test': NOW + 9 * DAY });
});
