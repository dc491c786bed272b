/** Most file systems take 255 bytes or 16-bit units in a name: this leaves room for ` (2)` and `.part`. */
const LONGEST_NAME = 200;
const LONGEST_FOLDER = 80;
/** Levels of folders; what lies deeper is put into the last one. */
const DEEPEST = 8;
const LONGEST_EXTENSION = 16;

/** A name may be of any length: what is looked at of it, of which this much is its end. */
const LOOKED_AT = 1_000;
const END = 64;
/** Of what was saved before. */
const LONGEST_PATH = 4_096;

/** What a system reads as something else, what cannot be written, and what turns the writing around. */
const UNSAFE = /[<>:"/\\|?*\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** What cannot be seen, so that two names look alike or one like another: zero-width, fillers, tags. In emoji some have a meaning. */
const INVISIBLE =
  /(\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)?\u200d(?=\p{Extended_Pictographic})|[\p{Extended_Pictographic}#*0-9]\ufe0f)|\u2800|(?![\u200e\u200f\u202a-\u202e\u2066-\u2069])\p{DI}/gu;
/** Windows opens a device for these, whatever the extension. */
const DEVICE = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])\s*(?:\.|$)/i;
/**
 * What runs, fetches or changes a folder that is merely looked at: shortcuts, lists of places, folder settings, and names
 * that Windows takes for one of its own objects. And `.part`, which is what we call a file on its way.
 */
const ACTING =
  /(?:^(?:desktop\.ini|autorun\.inf|folder\.htt|thumbs\.db|ehthumbs\.db)|\.(?:part|lnk|url|scf|pif|website|appref-ms|library-ms|searchconnector-ms|search-ms|settingcontent-ms|osdx|desktop|webloc|rdp|theme|themepack|deskthemepack|contact|hta|command|wsf|jnlp|application|code-workspace|asx|inetloc|fileloc|\{[\da-f-]{36}\}))$/i;

/**
 * A name that every system takes and none acts upon, as close to the given one as can be. Never hidden, and never one of
 * a part file. Takes as long for a name of any length.
 */
export function safeName(name: string, longest = LONGEST_NAME): string {
  const clean = withoutDots(bounded(name).replace(INVISIBLE, '$1').normalize('NFC').replace(UNSAFE, '_').trim());
  const short = shortened(clean, longest).replace(/^\./, '_.').replace(ACTING, '$&_');
  return DEVICE.test(short) ? `_${short}` : short || '_';
}

/** Its beginning, and its end with the extension. */
function bounded(name: string): string {
  return name.length <= LOOKED_AT ? name : name.slice(0, LOOKED_AT - END) + name.slice(-END);
}

/** Windows drops dots and spaces at the end. */
function withoutDots(name: string): string {
  let end = name.length;
  while (end > 0 && /[\s.]/.test(name.charAt(end - 1))) end--;
  return name.slice(0, end);
}

/** Whether a path from a file that anybody may have changed can be used: it leads nowhere else and names nothing odd. */
export function isSafePath(path: string): boolean {
  return path.length <= LONGEST_PATH && path.split('/').every((part) => part !== '' && safeName(part, 255) === part);
}

/** The same for every spelling that some file system takes for the same path. */
export function sameOnDisk(path: string): string {
  return path.normalize('NFC').toUpperCase().normalize('NFC');
}

export function withoutExtension(path: string): string {
  return path.slice(0, path.length - extensionOf(path).length);
}

/** With its dot; the last part only, and nothing if there is nothing before it. */
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

/** Gives out paths inside one folder, `/` between the parts: no two that any disk would take for the same. */
export class Names {
  readonly #taken = new Set<string>();
  /** The number to go on with, by the name that was wanted. */
  readonly #tried = new Map<string, number>();
  /** The server's folders -> ours. */
  readonly #folders = new Map<string, string>();

  /** Where a file went earlier: its path is taken, and other files of its folder go there, too. */
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

  /** A path for a file that the server names like this. */
  give(subfolder: string, filename: string): string {
    return this.#take(this.#folderOf(levelsOf(subfolder)), safeName(filename));
  }

  /** The path if it is free, else one as close to it as can be. */
  claim(path: string): string {
    const cut = path.lastIndexOf('/');
    return this.#take(path.slice(0, Math.max(0, cut)), path.slice(cut + 1));
  }

  /** Folders take their names first, since a file gives way more easily. */
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
