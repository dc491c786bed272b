import assert from 'node:assert/strict';
import test from 'node:test';
import { tooltipMarkdown } from '../../../src/platform/ui/shown';
import type { MarkdownString } from '../../fakes/vscode';

/** What GitHub's Markdown, which VS Code draws, makes a link of by itself. */
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
