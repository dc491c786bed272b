import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { complaintAbout, cycleThrough, ROOMS } from '../lint/rooms.mjs';
import { inProject } from '../vscode/project';

const page = fs.readFileSync(inProject('docs/architecture.md'), 'utf8');

test('the rooms are those that the linter knows and the page shows, in that order', () => {
  const drawn = /```\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const rooms = [...drawn.matchAll(/^(\w[\w.]*) {2,}/gm)]
    .map(([, name = '']) => name)
    .filter((name) => !name.endsWith('.ts'));
  assert.deepEqual(rooms.reverse(), ROOMS);
  const files = fs.readdirSync(inProject('src'), { recursive: true, encoding: 'utf8' });
  const folders = files.filter((file) => file.endsWith('.ts') && path.dirname(file) !== '.');
  assert.deepEqual([...new Set(folders.map((file) => file.split(path.sep)[0]))].sort(), [...ROOMS].sort());
});

test('every file that the page names is there', () => {
  const named = [...page.matchAll(/`((?:src|test|docs)\/[\w./]+\.\w+|(?:[a-z]+\/)+\w+\.\w+|\w+\.(?:ts|js|json|md))`/g)];
  const missing = named
    .map(([, name = '']) => name)
    .filter((name) => !fs.existsSync(inProject(name)) && !fs.existsSync(inProject('src', name)));
  assert.deepEqual([missing, named.length > 10], [[], true]);
});

test('the glossary has at most twenty words', () => {
  const glossary = /## Glossary\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
  const words = glossary.split('\n').filter((line) => line.startsWith('| ')).length - 2;
  assert.ok(words > 10 && words <= 20, String(words));
});

test('imports go downwards, and into a folder of what one may know', () => {
  assert.equal(complaintAbout('src/outputs/a.ts', 'src/comfyui/b.ts'), undefined);
  assert.equal(complaintAbout('src/outputs/ui/a.ts', 'src/outputs/b.ts'), undefined);
  assert.equal(complaintAbout('src/extension.ts', 'src/platform/node/b.ts'), undefined);
  assert.match(complaintAbout('src/comfyui/a.ts', 'src/outputs/b.ts') ?? '', /below outputs/);
  assert.match(complaintAbout('src/outputs/a.ts', 'src/outputs/ui/b.ts') ?? '', /ui/);
  assert.match(complaintAbout('src/outputs/ui/a.ts', 'src/platform/node/b.ts') ?? '', /node/);
  assert.match(complaintAbout('src/outputs/a.ts', 'src/extension.ts') ?? '', /root/);
});

test('imports that go round are found, however long the way', () => {
  const imports: Record<string, readonly string[]> = { a: ['b'], b: ['c', 'd'], c: ['a'], d: [], e: ['a'] };
  const importsOf = (file: string) => imports[file] ?? [];
  assert.deepEqual(cycleThrough('a', importsOf), ['a', 'b', 'c', 'a']);
  assert.equal(cycleThrough('e', importsOf), undefined);
  assert.equal(cycleThrough('d', importsOf), undefined);
});
