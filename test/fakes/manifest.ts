import packed from '../../package.json';
import words from '../../package.nls.json';

const WORDS = new Map<string, string>(Object.entries(words));

/** As VS Code does: `%key%` is replaced by the text of package.nls.json. */
function said(_key: string, value: unknown): unknown {
  const [, key] = typeof value === 'string' ? (/^%([^%]+)%$/.exec(value) ?? []) : [];
  return key === undefined ? value : (WORDS.get(key) ?? value);
}

/** Our manifest as VS Code reads it, in English. */
export const manifest = JSON.parse(JSON.stringify(packed), said) as typeof packed;
