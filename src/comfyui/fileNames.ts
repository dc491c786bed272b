/** Most file systems allow 255 bytes or 16-bit units: this leaves room for ` (2)` and `.part`. */
const LONGEST_NAME = 200;
const LONGEST_FOLDER = 80;
/** Levels of folders; deeper files go into the last one. */
const DEEPEST = 8;
const LONGEST_EXTENSION = 16;

/** How many characters of a long name are examined, of which `END` are its end. */
const LOOKED_AT = 1_000;
const END = 64;
/** For paths of files that were saved earlier. */
const LONGEST_PATH = 4_096;

/** Characters that a system interprets, that cannot be written, or that reverse the writing direction. */
const UNSAFE = /[<>:"/\\|?*\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/**
 * Invisible characters, which make different names look alike: zero-width, fillers, tags. Inside emoji some have a
 * meaning.
 */
const INVISIBLE =
  /(\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)?\u200d(?=\p{Extended_Pictographic})|[\p{Extended_Pictographic}#*0-9]\ufe0f)|\u2800|(?![\u200e\u200f\u202a-\u202e\u2066-\u2069])\p{DI}/gu;
/** Windows opens a device for these, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])\s*(?:\.|$)/i;
/**
 * Names of files that run, fetch or change something when their folder is merely viewed: shortcuts, folder settings,
 * names that Windows takes for its own objects. Also `.part`, our name for incomplete files.
 */
const ACTING =
  /(?:^(?:desktop\.ini|autorun\.inf|folder\.htt|thumbs\.db|ehthumbs\.db)|\.(?:part|lnk|url|scf|pif|website|appref-ms|library-ms|searchconnector-ms|search-ms|settingcontent-ms|osdx|desktop|webloc|rdp|theme|themepack|deskthemepack|contact|hta|command|wsf|jnlp|application|code-workspace|asx|inetloc|fileloc|\{[\da-f-]{36}\}))$/i;

/**
 * A name that every system accepts and none acts on, as close to the given one as possible. Never hidden, and never
 * that of an incomplete file. Takes constant time for long names.
 */
export function safeName(name: string, longest = LONGEST_NAME): string {
  const clean = withoutDots(bounded(name).replace(INVISIBLE, '$1').normalize('NFC').replace(UNSAFE, '_').trim());
  const short = shortened(clean, longest).replace(/^\./, '_.').replace(ACTING, '$&_');
  return DEVICE.test(short) ? `_${short}` : short || '_';
}

/** The beginning, and the end with the extension. */
function bounded(name: string): string {
  return name.length <= LOOKED_AT ? name : name.slice(0, LOOKED_AT - END) + name.slice(-END);
}

/** Windows drops dots and spaces at the end. */
function withoutDots(name: string): string {
  let end = name.length;
  while (end > 0 && /[\s.]/.test(name.charAt(end - 1))) end--;
  return name.slice(0, end);
}

/**
 * Whether a path from a file that anybody may have changed can be used: it stays inside the folder, and its names are
 * safe.
 */
export function isSafePath(path: string): boolean {
  return path.length <= LONGEST_PATH && path.split('/').every((part) => part !== '' && safeName(part, 255) === part);
}

/** The same result for all spellings that some file system treats as the same path. */
export function sameOnDisk(path: string): string {
  return path.normalize('NFC').toUpperCase().normalize('NFC');
}

export function withoutExtension(path: string): string {
  return path.slice(0, path.length - extensionOf(path).length);
}

/** With the dot; the last one only, and empty if nothing is before it. */
function extensionOf(path: string): string {
  return /[^/](\.[^./]*)$/.exec(path)?.[1] ?? '';
}

function shortened(name: string, longest: number): string {
  if (bytesOf(name) <= longest) return name;
  const extension = extensionOf(name);
  const kept = bytesOf(extension) <= LONGEST_EXTENSION ? extension : '';
  let room = longest - bytesOf(kept);
  let stem = '';
  for (const character of name) {
    room -= bytesOf(character);
    if (room < 0) break;
    stem += character;
  }
  return withoutDots(stem) + kept;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Assigns paths inside one folder, with `/` between the parts: no two that any file system would treat as the same. */
export class Names {
  readonly #taken = new Set<string>();
  /** The number to continue with, by the requested name. */
  readonly #tried = new Map<string, number>();
  /** The server's folders, mapped to ours. */
  readonly #folders = new Map<string, string>();

  /** Registers where a file was saved earlier: its path is taken, and other files of its folder go there too. */
  know(subfolder: string, path: string): void {
    const theirs = levelsOf(subfolder);
    const ours = path.split('/').slice(0, -1);
    for (const [index] of ours.entries()) {
      const folder = ours.slice(0, index + 1).join('/');
      if (ours.length === theirs.length) this.#folders.set(theirs.slice(0, index + 1).join('/'), folder);
      this.#taken.add(sameOnDisk(folder));
    }
    this.#taken.add(sameOnDisk(path));
  }

  /** A path for a file with this name on the server. */
  give(subfolder: string, filename: string): string {
    return this.#take(this.#folderOf(levelsOf(subfolder)), safeName(filename));
  }

  /** This path if it is free, otherwise a similar one. */
  claim(path: string): string {
    const cut = path.lastIndexOf('/');
    return this.#take(path.slice(0, Math.max(0, cut)), path.slice(cut + 1));
  }

  /** Folders take their names first, since files can be renamed more easily. */
  reserve(subfolder: string): void {
    this.#folderOf(levelsOf(subfolder));
  }

  #folderOf(levels: readonly string[]): string {
    if (levels.length === 0) return '';
    const key = levels.join('/');
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    const parent = this.#folderOf(levels.slice(0, -1));
    const folder = this.#take(parent, safeName(levels.at(-1) ?? '', LONGEST_FOLDER));
    this.#folders.set(key, folder);
    return folder;
  }

  #take(folder: string, name: string): string {
    const [stem, extension] = [withoutExtension(name), extensionOf(name)];
    const wanted = sameOnDisk(`${folder}/${name}`);
    for (let count = this.#tried.get(wanted) ?? 1; ; count++) {
      const numbered = count === 1 ? name : `${stem} (${count})${extension}`;
      const path = folder === '' ? numbered : `${folder}/${numbered}`;
      const key = sameOnDisk(path);
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      this.#tried.set(wanted, count + 1);
      return path;
    }
  }
}

function levelsOf(subfolder: string): readonly string[] {
  const levels = subfolder
    .slice(0, LONGEST_PATH)
    .split('/')
    .filter((level) => level !== '' && level !== '.');
  return levels.length <= DEEPEST ? levels : [...levels.slice(0, DEEPEST - 1), levels.slice(DEEPEST - 1).join('_')];
}
