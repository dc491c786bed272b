import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { continued } from '../../../src/platform/node/packed';
import { shippedManifest } from '../../run/shippedManifest';
import { inProject } from '../../vscode/project';

const names = fs.readdirSync(inProject()).filter((name) => /^package(\.nls.*)?\.json$/.test(name));
const project = new Map(names.map((name) => [name, fs.readFileSync(inProject(name), 'utf8')]));
const shipped = shippedManifest(project);

/** The manifest as VS Code reads it in a language. */
function read(files: ReadonlyMap<string, string>, language: string): unknown {
  const texts = JSON.parse(files.get(`package.nls${language}.json`) ?? '') as Readonly<Record<string, string>>;
  return JSON.parse(files.get('package.json') ?? '', (_, value: unknown) => {
    const [, key] = (typeof value === 'string' && /^%([\w\d.-]+)%$/i.exec(value)) || [];
    return key === undefined ? value : texts[key];
  });
}

for (const language of ['', '.de', '.ja', '.zh-cn'])
  test(`what ships says the same as the project's manifest, in package.nls${language}.json`, () => {
    const { scripts, devDependencies, ...manifest } = read(project, language) as Readonly<Record<string, unknown>>;
    assert.ok(scripts && devDependencies);
    assert.deepEqual(read(shipped, language), manifest);
  });

test('what is packed continues the same texts, whether they stand in the project or in the package', () => {
  for (const name of names.filter((each) => each.includes('.nls'))) {
    const [one, other] = [project, shipped].map((files) => continued(name, Buffer.from(files.get(name) ?? '')));
    assert.ok(one && other?.equals(one), name);
  }
});

test('a text that is not there in English is no package', () => {
  const files = new Map([...project, ['package.nls.de.json', '{"views.none":"Keine"}']]);
  assert.throws(() => shippedManifest(files), /There is no English text for views\.none\./);
});
