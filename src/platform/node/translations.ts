import type { Packed } from './packed';

/**
 * The texts of a language by their English ones, and by the numbers that they have in the later bundles. Undefined for a
 * language that there is not, which is most people's: it opens no file if it is English.
 */
export function translationsIn(packed: Packed, language: string): Readonly<Record<string, string>> | undefined {
  if (/^en\b/i.test(language)) return undefined;
  try {
    const all = packed.texts();
    const [english, said] = [listOf(all, 'en'), listOf(all, language.toLowerCase())];
    return (
      english &&
      said &&
      Object.fromEntries(
        english.flatMap((text = '', id) => [text, id].map((name) => [name, said[id] ?? text] as const)),
      )
    );
  } catch {
    return undefined; // English, then: no log is open yet, and nothing depends on the words
  }
}

/** What is no text is missing. */
function listOf(all: unknown, language: string): readonly (string | undefined)[] | undefined {
  if (typeof all !== 'object' || all === null) return undefined;
  const list: unknown = Object.entries(all).find(([name]) => name === language)?.[1];
  return Array.isArray(list) ? list.map((text: unknown) => (typeof text === 'string' ? text : undefined)) : undefined;
}
