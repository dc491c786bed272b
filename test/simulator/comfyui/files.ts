import { randomBytes } from 'node:crypto';

export const folderTypes = ['input', 'output', 'temp'] as const;
export type FolderType = (typeof folderTypes)[number];

/** A file as /view, history and upload name it. The name may hold anything but a slash. */
export interface FileRef {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: FolderType;
}

export interface StoredFile {
  readonly bytes: Buffer;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly modifiedAt: number;
}

/** The three folders of a ComfyUI, in memory. */
export class Files {
  /** Previews of one server carry the same five letters. */
  readonly previewPrefix = `ComfyUI_temp_${letters(5)}`;
  readonly #files = new Map<string, StoredFile>();

  constructor(private readonly now: () => number) {}

  get(ref: FileRef): StoredFile | undefined {
    return this.#files.get(keyOf(ref));
  }

  put(ref: FileRef, bytes: Buffer): FileRef {
    this.#files.set(keyOf(ref), { bytes, modifiedAt: this.now() });
    return ref;
  }

  remove(ref: FileRef): void {
    this.#files.delete(keyOf(ref));
  }

  /** Saves under the next free number: `prefix` may begin with folders. */
  save(type: FolderType, prefix: string, extension: string, bytes: Buffer): FileRef {
    const slash = prefix.lastIndexOf('/');
    const [subfolder, stem] = [prefix.slice(0, Math.max(0, slash)), prefix.slice(slash + 1)];
    for (let counter = 1; ; counter++) {
      const ref = { filename: `${stem}_${String(counter).padStart(5, '0')}_.${extension}`, subfolder, type };
      if (!this.get(ref)) return this.put(ref, bytes);
    }
  }

  /** The files at the top of a folder. */
  names(type: FolderType): readonly string[] {
    return [...this.#files.keys()]
      .map((key) => key.split('/'))
      .filter(([first, second, ...rest]) => first === type && second === '' && rest.length === 1)
      .map((parts) => parts.at(-1) ?? '');
  }
}

export const isFolderType = (text: string): text is FolderType => folderTypes.some((type) => type === text);

/** Does a relative path climb out, or start at the root? */
export const escapes = (path: string): boolean => path.startsWith('/') || path.split('/').includes('..');

const keyOf = ({ type, subfolder, filename }: FileRef): string => `${type}/${subfolder}/${filename}`;

const letters = (count: number): string =>
  [...randomBytes(count)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('');
