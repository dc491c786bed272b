import packed from '../../package.json';
import words from '../../package.nls.json';

const WORDS = new Map<string, string>(Object.entries(words));

/** As VS Code does it: `%key%` becomes what package.nls.json has of it. */
function said(_key: string, value: unknown): unknown {
  const [, key] = typeof value === 'string' ? (/^%([^%]+)%$/.exec(value) ?? []) : [];
  return key === undefined ? value : (WORDS.get(key) ?? value);
}

/** What VS Code reads of us, in English. */
export const manifest = JSON.parse(JSON.stringify(packed), said) as typeof packed;
