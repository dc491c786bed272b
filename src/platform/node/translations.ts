import type { Packed } from './packed';

/**
 * The texts of a language, by their English texts and by their numbers in the later bundles. Undefined for a language
 * without translations; for English no file is opened.
 */
export async function translationsIn(
  packed: Packed,
  language: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (/^en\b/i.test(language)) return undefined;
  try {
    const all = await packed.texts();
    const [english, said] = [listOf(all, 'en'), listOf(all, language.toLowerCase())];
    return (
      english &&
      said &&
      Object.fromEntries(
        english.flatMap((text = '', id) => [text, id].map((name) => [name, said[id] ?? text] as const)),
      )
    );
  } catch {
    return undefined; // then the texts are English: no log is open yet, and nothing depends on the texts
  }
}

/** Entries that are not texts count as missing. */
function listOf(all: unknown, language: string): readonly (string | undefined)[] | undefined {
  if (typeof all !== 'object' || all === null) return undefined;
  const list: unknown = Object.entries(all).find(([name]) => name === language)?.[1];
  return Array.isArray(list) ? list.map((text: unknown) => (typeof text === 'string' ? text : undefined)) : undefined;
}
