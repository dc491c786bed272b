import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { knownFrom, packedFile } from '../../run/packing';
import { complaintsAboutVsix, PACKAGE_LIMIT, shippedIn } from '../../run/vsixRules';

const identity = '<Identity Language="en-US" Id="sessions" Version="1.3.0" Publisher="acme"/>';
const flag = '<Property Id="Microsoft.VisualStudio.Code.PreRelease" Value="true" />';
const GOOD: Readonly<Record<string, string>> = {
  'extension.vsixmanifest': `<PackageManifest>${identity}${flag}</PackageManifest>`,
  '[Content_Types].xml': '<Types/>',
  'extension/package.json': '{}',
  'extension/package.nls.zh-cn.json': '{}',
  'extension/readme.md': '![The tree](https://github.com/acme/sessions/raw/HEAD/docs/images/sessions.png)',
  'extension/changelog.md': '# Changelog',
  'extension/LICENSE.txt': 'MIT',
  'extension/media/icon.png': 'PNG',
  'extension/dist/extension.js': 'module.exports = {};',
};

function complaints(changes: Readonly<Record<string, string | undefined>>, later = 'code', size = 1_000): string {
  const files = new Map<string, Buffer>();
  for (const [name, text] of Object.entries({ ...GOOD, ...changes }))
    if (text !== undefined) files.set(name, Buffer.from(text));
  const known = knownFrom((name) => files.get(path.posix.join('extension/dist', name)));
  files.set('extension/dist/later.bin', packedFile(Buffer.from(later), known));
  return complaintsAboutVsix(files, size).join('\n');
}

test('a package with what users need, and nothing else, is taken', () => {
  assert.equal(complaints({}), '');
});

for (const [what, changes, complaint] of [
  ['a source of ours', { 'extension/src/extension.ts': '' }, /src\/extension\.ts is not for users/],
  ['a source map', { 'extension/dist/extension.js.map': '{}' }, /extension\.js\.map is not for users/],
  ['a workflow of the project', { 'extension/.github/workflows/ci.yml': '' }, /ci\.yml is not for users/],
  [
    'a source map inside',
    { 'extension/dist/extension.js': 'x\n//# sourceMappingURL=data:,' },
    /extension\.js has a source/,
  ],
  ['a private key', { 'extension/media/tab.svg': '-----BEGIN RSA PRIVATE KEY-----' }, /tab\.svg holds/],
  ['a picture of no web address', { 'extension/readme.md': '![x](docs/x.png)' }, /shows docs\/x\.png/],
  ['a picture that can hold scripts', { 'extension/changelog.md': '![x](https://a.b/x.svg)' }, /shows https:.*svg/],
  ['no licence', { 'extension/LICENSE.txt': undefined }, /LICENSE\.txt is missing/],
] satisfies [string, Readonly<Record<string, string | undefined>>, RegExp][])
  test(`a package with ${what} is not taken`, () => assert.match(complaints(changes), complaint));

test('a key or a source map is found in what is packed, too', () => {
  const part = 'abcdefghijklmnopqrst';
  assert.match(
    complaints({}, `const key = "eyJ${part}.${part}.${part}";`),
    /later\.bin holds what looks like a secret/,
  );
  assert.match(complaints({}, '//# sourceMappingURL=later.js.map'), /later\.bin has a source map/);
});

test('what is packed has to continue what is beside it', () => {
  const files = new Map([
    ['extension/dist/later.bin', packedFile(Buffer.from('code'), Buffer.from('another version'))],
  ]);
  assert.throws(() => complaintsAboutVsix(files, 1_000), /beside it/);
});

test('a package that is too large is not taken', () => {
  assert.equal(complaints({}, '', PACKAGE_LIMIT - 1), '');
  assert.match(complaints({}, '', PACKAGE_LIMIT), /fewer than 250000/);
});

test('a package says its version and whether it is a pre-release', () => {
  const shipped = (text: string) => shippedIn(new Map([['extension.vsixmanifest', Buffer.from(text)]]));
  assert.deepEqual(shipped(`${identity}${flag}`), { version: '1.3.0', isPreRelease: true });
  assert.deepEqual(shipped(identity), { version: '1.3.0', isPreRelease: false });
});
