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
    const said = all.get(language.toLowerCase());
    return (
      said &&
      Object.fromEntries(all.get('en')?.flatMap((text, id) => [text, id].map((name) => [name, said[id] ?? text])) ?? [])
    );
  } catch {
    return undefined; // then the texts are English: no log is open yet, and nothing depends on the texts
  }
}
