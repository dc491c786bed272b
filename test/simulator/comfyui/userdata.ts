import { posix } from 'node:path';
import type { StoredFile } from './files';

export interface UserFile extends StoredFile {
  /** From the user's root, with forward slashes. */
  readonly path: string;
}

export interface UserDirectory {
  readonly path: string;
}

/** Saved workflows and settings: files below one user's root. Folders appear with the first file in them. */
export class Userdata {
  readonly #files = new Map<string, UserFile>();
  readonly #directories = new Set<string>();

  constructor(private readonly now: () => number) {}

  get(path: string): UserFile | undefined {
    return this.#files.get(path);
  }

  put(path: string, bytes: Buffer): UserFile {
    const file = { path, bytes, modifiedAt: this.now() };
    this.#files.set(path, file);
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder))
      this.#directories.add(folder);
    return file;
  }

  delete(path: string): boolean {
    return this.#files.delete(path);
  }

  isDirectory(path: string): boolean {
    return path === '' || this.#directories.has(path);
  }

  /** The files of a folder; with `recurse`, of those below it too. */
  files(folder: string, recurse: boolean): readonly UserFile[] {
    return [...this.#files.values()].filter(({ path }) => inside(folder, path, recurse));
  }

  directories(folder: string): readonly UserDirectory[] {
    return [...this.#directories].filter((path) => inside(folder, path, true)).map((path) => ({ path }));
  }
}

/** The path from the user's root, or nothing if it leads out of it. */
export function withinRoot(path: string): string | undefined {
  const normal = posix.normalize(path).replace(/\/$/, '');
  if (normal === '..' || normal.startsWith('../') || normal.startsWith('/')) return undefined;
  return normal === '.' ? '' : normal;
}

function inside(folder: string, path: string, recurse: boolean): boolean {
  const prefix = folder === '' ? '' : `${folder}/`;
  return path.startsWith(prefix) && (recurse || !path.slice(prefix.length).includes('/'));
}
