import * as z from 'zod';

const Texts = z.record(z.string(), z.string());
const Manifest = z.looseObject({});
const PLACE = /"%([\w.-]+)%"/g;

/** Of use in the project only. */
const OURS = ['scripts', 'devDependencies'];

/**
 * The manifest and its texts as they ship: without what only the project uses, on one line, and with short keys, which
 * stand in five files.
 * @param files their content by name: `package.json`, `package.nls.json`, and one a language
 */
export function shippedManifest(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const keys = Object.keys(Texts.parse(JSON.parse(files.get('package.nls.json') ?? '')));
  const short = new Map(keys.map((key, index) => [key, letters(index)]));
  return new Map(
    [...files].map(([name, content]) => {
      const parsed: unknown = JSON.parse(content);
      const shipped =
        name === 'package.json' ? withoutOurs(Manifest.parse(parsed)) : renamed(Texts.parse(parsed), short);
      const text = JSON.stringify(shipped);
      return [name, name === 'package.json' ? text.replaceAll(PLACE, (_, key: string) => placeOf(key, short)) : text];
    }),
  );
}

function withoutOurs(manifest: object): object {
  return Object.fromEntries(Object.entries(manifest).filter(([name]) => !OURS.includes(name)));
}

/** No digits: an object puts keys that are numbers first, and what is packed continues the texts in their order. */
function letters(index: number): string {
  const digits = Array.from(index.toString(26), (digit) => parseInt(digit, 26));
  return String.fromCharCode(...digits.map((digit) => 97 + digit));
}

function renamed(texts: Readonly<Record<string, string>>, short: ReadonlyMap<string, string>): object {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [keyOf(key, short), text]));
}

const placeOf = (key: string, short: ReadonlyMap<string, string>): string => `"%${keyOf(key, short)}%"`;

/** @throws if a text has no English form */
function keyOf(key: string, short: ReadonlyMap<string, string>): string {
  const known = short.get(key);
  if (known === undefined) throw new Error(`There is no English text for ${key}.`);
  return known;
}
