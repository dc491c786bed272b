// `npm run l10n`: writes the texts that the code marks into l10n/bundle.l10n.json. With --check it writes nothing, and
// fails where that file or a translation is not what the code says.
import fs from 'node:fs';
import path from 'node:path';
import { install, root } from './bootstrap.mjs';

const LANGUAGES = ['de', 'ja', 'zh-cn'];
const at = (...parts) => path.join(root, ...parts);
const readJson = (file) => (fs.existsSync(at(file)) ? JSON.parse(fs.readFileSync(at(file), 'utf8')) : {});

/** Text of the code -> itself, sorted, so that a new one is one line of a difference. */
async function textsOfCode() {
  const { getL10nJson } = await import('@vscode/l10n-dev');
  const files = fs.readdirSync(at('src'), { recursive: true }).filter((file) => file.endsWith('.ts'));
  const found = await getL10nJson(
    files.map((file) => ({ extension: '.ts', contents: fs.readFileSync(at('src', file), 'utf8') })),
  );
  return Object.fromEntries(Object.entries(found).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** `%key%` of the manifest and of nothing else. */
function keysOfManifest() {
  const text = fs.readFileSync(at('package.json'), 'utf8');
  return new Set([...text.matchAll(/"%([^"%]+)%"/g)].map(([, key]) => key));
}

const wordsOf = (text) => (typeof text === 'string' ? text : text.message);
/** What is put in at run time, links and icons: a translation has the same, in any order. */
const fixedParts = (text) => (wordsOf(text).match(/\{\w+\}|\$\([\w~-]+\)|\]\([^)]*\)|`[^`]*`/g) ?? []).sort().join(' ');

/** What is wrong with a translation, in words. */
function* complaints(file, original, translation) {
  for (const key of Object.keys(original)) {
    if (!(key in translation)) yield `${file} has no translation of ${JSON.stringify(key)}.`;
    else if (fixedParts(original[key]) !== fixedParts(translation[key]))
      yield `${file}: the translation of ${JSON.stringify(key)} has other placeholders, links or code.`;
    else if (wordsOf(translation[key]).trim() === '')
      yield `${file}: the translation of ${JSON.stringify(key)} is empty.`;
  }
  for (const key of Object.keys(translation)) {
    if (!(key in original)) yield `${file} translates ${JSON.stringify(key)}, which nobody says any more.`;
  }
}

function* manifestComplaints(words) {
  const keys = keysOfManifest();
  for (const key of keys) if (!(key in words)) yield `package.nls.json lacks ${key}.`;
  for (const key of Object.keys(words))
    if (!keys.has(key)) yield `package.nls.json has ${key}, which package.json does not name.`;
}

async function check(texts) {
  const words = readJson('package.nls.json');
  const isCurrent = JSON.stringify(readJson('l10n/bundle.l10n.json')) === JSON.stringify(texts);
  return [
    ...(isCurrent ? [] : ['l10n/bundle.l10n.json is not what the code says: npm run l10n.']),
    ...manifestComplaints(words),
    ...LANGUAGES.flatMap((language) => [
      ...complaints(`l10n/bundle.l10n.${language}.json`, texts, readJson(`l10n/bundle.l10n.${language}.json`)),
      ...complaints(`package.nls.${language}.json`, words, readJson(`package.nls.${language}.json`)),
    ]),
  ];
}

install();
const texts = await textsOfCode();
if (process.argv.includes('--check')) {
  const wrong = await check(texts);
  for (const line of wrong) process.stderr.write(`${line}\n`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
} else {
  fs.mkdirSync(at('l10n'), { recursive: true });
  fs.writeFileSync(at('l10n', 'bundle.l10n.json'), `${JSON.stringify(texts, undefined, 2)}\n`);
  process.stdout.write(`${Object.keys(texts).length} texts\n`);
}
