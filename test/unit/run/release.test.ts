import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as z from 'zod';
import { changesIn } from '../../run/changes';
import {
  complaintsAboutPlace,
  complaintsAboutRelease,
  isNewer,
  isPreRelease,
  Manifest,
  notesOf,
  released,
  repositoryOf,
  type Release,
} from '../../run/releaseRules';
import { inProject } from '../../vscode/project';

const place = 'https://github.com/acme/sessions';
const manifest: Manifest = {
  name: 'sessions',
  version: '1.2.3',
  repository: { type: 'git', url: `${place}.git` },
  bugs: { url: `${place}/issues` },
  homepage: `${place}#readme`,
};
const CHANGELOG =
  '# Changelog\n\n## Unreleased\n\n- By hand.\n\n## 1.2.3 (2026-01-02)\n\n- Old.\n\n## 1.1.0\n\n- Older.\n';
const good: Release = {
  tag: 'v1.2.3',
  manifest,
  shipped: { version: '1.2.3', isPreRelease: false },
  changelog: CHANGELOG,
};

test('versions with an odd minor number are pre-releases', () => {
  assert.deepEqual(['0.1.0', '0.2.9', '1.11.0', '3.10.1'].map(isPreRelease), [true, false, true, false]);
});

test('versions that the shops refuse are refused', () => {
  for (const version of ['1.2', '1.2.3-beta.1', 'v1.2.3', '01.2.3', '1.2.3 ', ''])
    assert.throws(() => isPreRelease(version), /is no version/, version);
});

test('a version is newer by its first number that differs', () => {
  assert.ok(isNewer('0.10.0', '0.9.9') && isNewer('2.0.0', '1.9.9') && isNewer('1.0.1', '1.0.0'));
  assert.ok(!isNewer('1.0.0', '1.0.0') && !isNewer('0.9.9', '0.10.0'));
});

test('a tag, a version, a package and a changelog that agree are released', () => {
  assert.deepEqual(complaintsAboutRelease(good), []);
});

for (const [what, change, complaint] of [
  ['a tag of another version', { tag: 'v1.2.4' }, /tag is v1\.2\.4/],
  ['a package of another version', { shipped: { version: '1.2.2', isPreRelease: false } }, /package is 1\.2\.2/],
  ['a release packaged as a pre-release', { shipped: { version: '1.2.3', isPreRelease: true } }, /without --pre/],
  [
    'a pre-release packaged as a release',
    { tag: 'v1.1.0', manifest: { ...manifest, version: '1.1.0' }, shipped: { version: '1.1.0', isPreRelease: false } },
    /with --pre/,
  ],
  ['a version that the changelog does not know', { changelog: '# Changelog\n\n## Unreleased\n' }, /says nothing/],
  ['a homepage elsewhere', { manifest: { ...manifest, homepage: 'https://example.com' } }, /homepage/],
  ['issues elsewhere', { manifest: { ...manifest, bugs: { url: `${place}/pulls` } } }, /bugs/],
] satisfies [string, Partial<Release>, RegExp][])
  test(`${what} is not released`, () => {
    const complaints = complaintsAboutRelease({ ...good, ...change });
    assert.equal(complaints.length, 1);
    assert.match(complaints[0] ?? '', complaint);
  });

test('nothing is released while nobody owns the repository', () => {
  const nobodys = Manifest.parse(JSON.parse(JSON.stringify(manifest).replaceAll('acme', 'OWNER')));
  assert.match(complaintsAboutRelease({ ...good, manifest: nobodys }).join(), /still names OWNER/);
});

const real = Manifest.parse(JSON.parse(fs.readFileSync(inProject('package.json'), 'utf8')));

test('package.json says where the project lives', () => {
  assert.deepEqual(complaintsAboutPlace(real), []);
  assert.equal(typeof isPreRelease(real.version), 'boolean');
});

test('nothing but package.json says where the project lives', () => {
  const skipped = /^(\.git|dist|node_modules|\.vscode-test|l10n)$/;
  const filesIn = (folder: string): readonly string[] =>
    fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (skipped.test(entry.name)) return [];
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? filesIn(file) : entry.isFile() ? [file] : [];
    });
  const texts = filesIn(inProject()).filter((file) => /\.(md|json|ya?ml|ts|mjs|js)$/.test(file));
  const naming = texts.filter((file) => fs.readFileSync(file, 'utf8').includes(repositoryOf(real)));
  assert.deepEqual(naming, [inProject('package.json')]);
});

test('a release puts what was unreleased under its version, first what people wrote, then the commits', () => {
  const changelog = released(CHANGELOG, '1.4.0', '2026-02-03', '### New\n\n- Sidebar: it sorts.');
  assert.equal(notesOf(changelog, '1.4.0'), '- By hand.\n\n### New\n\n- Sidebar: it sorts.');
  assert.equal(notesOf(changelog, '1.2.3'), '- Old.');
  assert.equal(notesOf(changelog, '1.1.0'), '- Older.');
  assert.match(changelog, /^# Changelog\n\n## Unreleased\n\n## 1\.4\.0 \(2026-02-03\)\n\n- By hand\./);
  assert.equal(notesOf(changelog, '1.4'), undefined);
});

test('a release that brings nothing is none', () => {
  const empty = CHANGELOG.replace('- By hand.\n\n', '');
  assert.throws(() => released(empty, '1.4.0', '2026-02-03', ''), /nothing to release/);
  assert.throws(() => released('# Changelog\n', '1.4.0', '2026-02-03', 'x'), /no "## Unreleased"/);
});

test('commits become lines of the changelog by their type, the oldest first', async () => {
  const { text, leftOut } = await changesIn([
    'Merge branch main',
    'tidied up',
    'docs: plain English',
    'fix(sidebar): rows keep their order\n\nBody of it.',
    'feat(api)!: keys are asked for again',
    'feat: files can be dropped',
    'fix: why does it hang?',
    'perf(windows): open faster\n\nBREAKING CHANGE: old files are not read',
    'fix(sidebar): rows keep their order',
  ]);
  const expected = [
    '### Changed',
    '- Windows: open faster.\n- Api: keys are asked for again.',
    '### New',
    '- Files can be dropped.',
    '### Fixed',
    '- Sidebar: rows keep their order.\n- Why does it hang?',
  ];
  assert.equal(text, expected.join('\n\n'));
  assert.deepEqual(leftOut, ['tidied up']);
});

test('npm publishes nothing of this, even without scripts', () => {
  const { scripts, publishConfig } = z
    .object({ scripts: z.object({ prepublishOnly: z.string() }), publishConfig: z.object({ registry: z.url() }) })
    .parse(JSON.parse(fs.readFileSync(inProject('package.json'), 'utf8')));
  assert.match(publishConfig.registry, /\.invalid$/);
  const [, script = ''] = /^node (\S+)$/.exec(scripts.prepublishOnly) ?? [];
  const { status, stderr } = spawnSync(process.execPath, [inProject(script)], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /no npm package/);
});
