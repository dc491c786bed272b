import { flacTexts, id3Texts } from './carriedByAudio';
import { jpegTexts, webpTexts } from './carriedByExif';
import { mp4Texts, webmTexts } from './carriedByVideo';
import { pngTexts } from './carriedByPng';
import { Enough, FileParts, lettersIn, type FileBytes, type NamedTexts } from './fileParts';

/** The texts in a picture, video or audio file that describe the workflow that made it. */
export interface Carried {
  /** As drawn. */
  readonly workflow?: string;
  /** As run. */
  readonly prompt?: string;
  /** Both in one, as some nodes write them. */
  readonly comment?: string;
}

/**
 * Detected by the file's content, not its name; undefined if there is none. A bundle of its own, loaded when first
 * needed.
 */
export async function carriedIn(file: FileBytes): Promise<Carried | undefined> {
  const parts = new FileParts(file);
  const found = new Map<string, string>();
  const texts = await textsIn(parts);
  if (!texts) return undefined;
  try {
    for await (const [name, text] of texts) {
      const key = name.toLowerCase();
      if (isName(key) && !found.has(key) && text.slice(0, 1_000).trimStart().startsWith('{')) found.set(key, text);
      if (found.has('workflow') && found.has('prompt')) break;
    }
  } catch (error) {
    if (!(error instanceof Enough)) throw error; // what was found until then is used
  }
  return found.size === 0 ? undefined : Object.fromEntries(found);
}

function isName(key: string): key is keyof Carried {
  return key === 'workflow' || key === 'prompt' || key === 'comment';
}

async function textsIn(parts: FileParts): Promise<NamedTexts | undefined> {
  const head = await parts.at(0, Math.min(12, parts.size));
  if (!head || head.length < 12) return undefined;
  const letters = lettersIn(head);
  if (letters.startsWith('\x89PNG\r\n\x1a\n')) return pngTexts(parts);
  if (letters.startsWith('\xff\xd8\xff')) return jpegTexts(parts);
  if (letters.startsWith('RIFF') && letters.endsWith('WEBP')) return webpTexts(parts);
  if (letters.startsWith('\x1a\x45\xdf\xa3')) return webmTexts(parts);
  if (letters.slice(4, 8) === 'ftyp') return mp4Texts(parts);
  if (letters.startsWith('fLaC')) return flacTexts(parts);
  return letters.startsWith('ID3') ? id3Texts(parts) : undefined;
}
