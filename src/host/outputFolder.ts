import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Disk } from '../core/comfyui/sessionSaver';
import { DiskError, type Folder, type Sink } from '../core/comfyui/folder';

export const disk: Disk = { absolute: absoluteFolder, folder: (parent, name) => new OutputFolder(parent, name) };

/** `~` and `${userHome}` are the user's home. */
function absoluteFolder(text: string): string | undefined {
  const typed = text.trim().replace(/^(?:~|\$\{userHome\})(?=$|[/\\])/, () => os.homedir());
  return path.isAbsolute(typed) ? path.normalize(typed) : undefined;
}

/** A folder for the outputs of a session. Nothing in it is ever overwritten. */
export class OutputFolder implements Folder {
  readonly place: string;

  constructor(root: string, name: string) {
    this.place = path.join(root, name);
  }

  look(name: string): Promise<number | 'other' | undefined> {
    return this.#try(async () => {
      const found = await unlessMissing(fs.lstat(this.#pathOf(name)));
      return found?.isFile() ? found.size : found && 'other';
    });
  }

  read(name: string): Promise<string | undefined> {
    return this.#try(() => unlessMissing(fs.readFile(this.#pathOf(name), 'utf8')));
  }

  create(name: string, text: string): Promise<boolean> {
    return this.#try(async () => {
      const part = `${await this.#parentOf(name)}.${randomUUID()}`;
      try {
        await fs.writeFile(part, text, { flag: 'wx', flush: true });
        return await nameFile(part, this.#pathOf(name));
      } finally {
        await fs.rm(part, { force: true });
      }
    });
  }

  append(name: string, line: string): Promise<void> {
    return this.#try(async () => fs.appendFile(await this.#parentOf(name), `${line}\n`));
  }

  arrived(name: string): Promise<number> {
    return this.#try(async () => (await unlessMissing(fs.stat(this.#partOf(name))))?.size ?? 0);
  }

  receive(name: string, from: number): Promise<Sink> {
    return this.#try(async () => {
      await this.#parentOf(name);
      const file = await fs.open(this.#partOf(name), from === 0 ? 'w' : 'r+');
      let position = from;
      let isOpen = true;
      return {
        write: (bytes) =>
          this.#try(async () => {
            for (let done = 0; done < bytes.length;) {
              const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position);
              done += bytesWritten;
              position += bytesWritten;
            }
          }),
        close: () =>
          this.#try(async () => {
            if (!isOpen) return;
            isOpen = false;
            try {
              await file.truncate(position);
              await file.datasync();
            } finally {
              await file.close();
            }
          }),
      };
    });
  }

  finish(name: string, as: string): Promise<boolean> {
    return this.#try(() => nameFile(this.#partOf(name), this.#pathOf(as)));
  }

  /** Makes the folder that a file is to lie in. */
  async #parentOf(name: string): Promise<string> {
    const file = this.#pathOf(name);
    await fs.mkdir(path.dirname(file), { recursive: true });
    return file;
  }

  #partOf(name: string): string {
    return `${this.#pathOf(name)}.part`;
  }

  /** Names are made safe before; this is the wall behind that. */
  #pathOf(name: string): string {
    const file = path.join(this.place, ...name.split('/'));
    if (file.startsWith(this.place + path.sep)) return file;
    throw new DiskError('A file would lie outside its folder.');
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof DiskError ? error : new DiskError(wordsFor(error, this.place), { cause: error });
    }
  }
}

/** A link is refused where something has the name already; a rename would take its place. */
async function nameFile(part: string, file: string): Promise<boolean> {
  try {
    await fs.link(part, file);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // Not every disk knows links: a camera's card, some network folders.
    if (codeOf(error) === 'ENOENT') throw error;
    if (await unlessMissing(fs.lstat(file))) return false;
    await fs.rename(part, file);
    return true;
  }
  await fs.rm(part);
  return true;
}

function wordsFor(error: unknown, place: string): string {
  const code = codeOf(error) ?? 'no reason given';
  if (['ENOSPC', 'EDQUOT'].includes(code)) return `The disk with ${place} is full.`;
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return `VS Code may not write to ${place}.`;
  if (['ENOTDIR', 'EEXIST'].includes(code)) return `Nothing can be written to ${place}: a file is in the way.`;
  return `Nothing can be written to ${place} (${code}).`;
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
