import * as l10n from '@vscode/l10n';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { DiskError, type Folder, type Sink, type Disk } from '../folder';
import { DiskPatience, type Haste } from './diskPatience';
import { addLine, checkFolder, makeFolder, makeRoot, openNew, openThere } from './linkless';
import { codeOf, unlessMissing, writeWhole } from './wholeWrites';

/** The disks of this computer, each with a bounded wait. */
export function disksWith(patience: DiskPatience): Disk {
  return {
    absolute: absoluteFolder,
    folder: (parent, name) => new OutputFolder(parent, name, patience),
    whyNotWritable: (folder) =>
      patience.soon(folder, () => whyNotWritable(folder)).catch((error: unknown) => wordsOf(error, folder)),
  };
}

export const disk: Disk = disksWith(new DiskPatience());

/**
 * Tests by writing a file and removing it, since the permissions that the system reports are not reliable for every
 * disk. Creates no folder.
 */
async function whyNotWritable(folder: string): Promise<string | undefined> {
  try {
    const there = await nearestFolder(folder);
    const probe = path.join(there, `.comfydeploy-${randomUUID()}`);
    try {
      await fs.writeFile(probe, '.', { flag: 'wx' });
    } finally {
      await fs.rm(probe, { force: true });
    }
    return undefined;
  } catch (error) {
    return wordsOf(error, folder);
  }
}

/** The folder itself, or the existing one in which it would be created. */
async function nearestFolder(folder: string): Promise<string> {
  const found = await unlessMissing(fs.stat(folder));
  if (found?.isDirectory()) return folder;
  if (found) throw new DiskError(l10n.t('Nothing can be written to {0}: a file is in the way.', folder));
  const around = path.dirname(folder);
  if (around === folder) throw new DiskError(l10n.t('Nothing can be written to {0}: it is not there.', folder));
  return nearestFolder(around);
}

/** `~` and `${userHome}` stand for the user's home. */
function absoluteFolder(text: string): string | undefined {
  const typed = text.trim().replace(/^(?:~|\$\{userHome\})(?=$|[/\\])/, () => os.homedir());
  return path.isAbsolute(typed) ? path.normalize(typed) : undefined;
}

/** The longest text that is read at once: a list of saved files, a workflow. */
const LONGEST_TEXT = 64_000_000;

/** A folder for the outputs of a session. Never overwrites anything, and no link leads out of it. */
export class OutputFolder implements Folder {
  readonly place: string;
  /** Lines are added one after the other. */
  #adding: Promise<void> = Promise.resolve();

  constructor(
    private readonly root: string,
    private readonly name: string,
    private readonly patience = new DiskPatience(),
  ) {
    this.place = path.join(root, name);
  }

  look(name: string): Promise<number | 'other' | undefined> {
    return this.#try(async () => {
      const found = await unlessMissing(fs.lstat(await this.#placeOf(name)));
      return found?.isFile() ? found.size : found && 'other';
    });
  }

  read(name: string): Promise<string | undefined> {
    return this.#try(async () => {
      const file = await unlessMissing(openThere(await this.#placeOf(name), constants.O_RDONLY));
      if (!file) return undefined;
      try {
        return (await file.stat()).size > LONGEST_TEXT ? undefined : await file.readFile('utf8');
      } finally {
        await file.close();
      }
    });
  }

  async create(name: string, text: string): Promise<boolean> {
    const file = await this.#try(() => this.#madePlaceOf(name));
    const part = `${file}.${randomUUID()}`;
    const write = async () => {
      try {
        await fs.writeFile(part, text, { flag: 'wx', flush: true });
        return await nameFile(part, file);
      } finally {
        await fs.rm(part, { force: true });
      }
    };
    return this.#try(write, { isFlushed: true });
  }

  append(name: string, line: string): Promise<void> {
    const added = this.#adding.then(() => this.#try(async () => addLine(await this.#madePlaceOf(name), line)));
    this.#adding = added.catch(() => undefined); // the caller gets the failure
    return added;
  }

  isBegun(name: string): Promise<boolean> {
    return this.#try(async () => (await unlessMissing(fs.lstat(partOf(await this.#placeOf(name))))) !== undefined);
  }

  arrived(name: string): Promise<number> {
    return this.#try(async () => {
      const found = await unlessMissing(fs.lstat(partOf(await this.#placeOf(name))));
      return found?.isFile() ? found.size : 0;
    });
  }

  fits(bytes: number): Promise<void> {
    return this.#try(async () => {
      const { bavail, bsize, blocks } = await fs.statfs(await nearestFolder(this.root));
      if (blocks === 0 || bytes <= bavail * bsize) return; // some network folders report nothing
      throw new DiskError(l10n.t('There is no room for it on the disk with {0}.', this.place), { isForAll: false });
    });
  }

  async receive(name: string, from: number): Promise<Sink> {
    const opening = async () => {
      const part = partOf(await this.#madePlaceOf(name));
      if (from === 0) await fs.rm(part, { force: true }); // removes a link itself, not its target
      return from === 0 ? openNew(part) : openThere(part, constants.O_RDWR);
    };
    const file = await this.#try(opening, { late: (opened) => opened.close() });
    let position = from;
    let isOpen = true;
    let writing: Promise<void> = Promise.resolve();
    const write = async (bytes: Uint8Array) => {
      await writeWhole(file, bytes, position);
      position += bytes.length;
    };
    const close = async () => {
      await writing.catch(() => undefined); // the writer got the failure
      if (!isOpen) return;
      isOpen = false;
      try {
        await file.truncate(position);
        await file.datasync();
      } finally {
        await file.close();
      }
    };
    return {
      write: (bytes) => this.#try(() => (writing = write(bytes))),
      close: () => this.#try(close, { isFlushed: true, isBound: false }),
    };
  }

  finish(name: string, as: string): Promise<boolean> {
    return this.#try(async () => nameFile(partOf(await this.#placeOf(name)), await this.#madePlaceOf(as)));
  }

  discard(name: string): Promise<void> {
    return this.#try(async () => fs.rm(partOf(await this.#placeOf(name)), { force: true }));
  }

  /** Creates the folder for a file. */
  async #madePlaceOf(name: string): Promise<string> {
    const file = this.#pathOf(name);
    await makeRoot(this.root);
    const root = await fs.realpath(this.root);
    for (const folder of this.#foldersOf(name)) await makeFolder(folder, root);
    return file;
  }

  /** The same without creating anything. */
  async #placeOf(name: string): Promise<string> {
    const file = this.#pathOf(name);
    const root = await unlessMissing(fs.realpath(this.root));
    if (root !== undefined) for (const folder of this.#foldersOf(name)) await unlessMissing(checkFolder(folder, root));
    return file;
  }

  /** From the outermost one inwards. */
  #foldersOf(name: string): readonly string[] {
    const levels = [this.name, ...name.split('/').slice(0, -1)];
    return levels.map((_, index) => path.join(this.root, ...levels.slice(0, index + 1)));
  }

  /** Names were made safe before; this is a second check. */
  #pathOf(name: string): string {
    const file = path.join(this.place, ...name.split('/'));
    if (file.startsWith(this.place + path.sep)) return file;
    throw new DiskError(l10n.t('A file would lie outside its folder.'), { isForAll: false });
  }

  async #try<T>(work: () => Promise<T>, how?: Haste<T>): Promise<T> {
    try {
      return await this.patience.soon(this.root, work, how);
    } catch (error) {
      if (error instanceof DiskError) throw error;
      const isForAll = FOR_ALL.has(codeOf(error) ?? '');
      throw new DiskError(wordsFor(error, this.place), { cause: error, isForAll });
    }
  }
}

/** The incomplete file beside the final one. */
function partOf(file: string): string {
  return `${file}.part`;
}

/** Creating a link fails if the name is taken; a rename would overwrite the file. */
async function nameFile(part: string, file: string): Promise<boolean> {
  try {
    await fs.link(part, file);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // Not every disk supports links: memory cards, some network folders.
    if (codeOf(error) === 'ENOENT') throw error;
    if (await unlessMissing(fs.lstat(file))) return false;
    await fs.rename(part, file);
    return true;
  }
  await fs.rm(part);
  return true;
}

/** Failures that would affect every other file too. */
const FOR_ALL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

function wordsOf(error: unknown, place: string): string {
  return error instanceof DiskError ? error.message : wordsFor(error, place);
}

function wordsFor(error: unknown, place: string): string {
  const code = codeOf(error);
  if (code === undefined) return l10n.t('Nothing can be written to {0}.', place);
  if (['ENOSPC', 'EDQUOT'].includes(code)) return l10n.t('The disk with {0} is full.', place);
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return l10n.t('VS Code may not write to {0}.', place);
  if (['ENOTDIR', 'EEXIST'].includes(code))
    return l10n.t('Nothing can be written to {0}: a file is in the way.', place);
  return l10n.t('Nothing can be written to {0} ({1}).', place, code);
}
