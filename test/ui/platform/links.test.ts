import assert from 'node:assert/strict';
import test from 'node:test';
import { fail, inform, tooltipMarkdown, warn } from '../../../src/platform/ui/shown';
import { window, type MarkdownString } from '../../fakes/vscode';

/** Text that GitHub's Markdown, which VS Code renders, turns into links by itself. */
const AUTOLINK = /(?:https?|ftp):\/\/|www\.|[\w.+-]+@[\w-]+\./i;

test('no name in a tooltip becomes a link by itself', () => {
  for (const name of [
    'www.evil.test/login',
    'WWW.evil.test',
    'a@evil.test',
    'ftp://evil.test/x',
    'http://evil.test',
    'x&colon;//y',
  ]) {
    const { parts } = tooltipMarkdown({ title: name, lines: [[name, name]], note: name }) as unknown as MarkdownString;
    assert.doesNotMatch(parts.map(({ value }) => value).join(''), AUTOLINK, name);
    const shown = parts.map(({ kind, value }) =>
      kind === 'text' ? value : value.replaceAll('&#46;', '.').replaceAll('&#58;', ':').replaceAll('&#64;', '@'),
    );
    assert.ok(
      shown.join('').includes(name.replace('&', '&amp;')) || shown.join('').includes('[address]'),
      shown.join(''),
    );
  }
});

test('a notice of any kind makes no link of its words', async (t) => {
  const said: unknown[] = [];
  for (const name of ['showInformationMessage', 'showWarningMessage', 'showErrorMessage'] as const)
    t.mock.method(window, name, (text: unknown) => Promise.resolve(void said.push(text)));
  for (const say of [inform, warn, fail]) await say('[Confirm](command:evil)\u202e');
  assert.deepEqual(
    said,
    Array.from({ length: 3 }, () => '[Confirm] (command:evil)'),
  );
});
