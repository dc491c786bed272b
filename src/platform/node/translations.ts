import { packedTexts } from './packed';

/**
 * The texts of a language by their English ones. Undefined for a language that there is not, which is most people's: it
 * opens no file if it is English.
 */
export function translationsIn(folder: string, language: string): Readonly<Record<string, string>> | undefined {
  if (/^en\b/i.test(language)) return undefined;
  try {
    const all = packedTexts(folder);
    const [english, said] = [listOf(all, 'en'), listOf(all, language.toLowerCase())];
    return (
      english &&
      said &&
      Object.fromEntries(english.flatMap((text, index) => (text ? [[text, said[index] ?? text]] : [])))
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
