import * as z from 'zod/mini';
import type { Known } from '../comfyui/client';
import { isSafePath, type Names } from '../comfyui/fileNames';
import type { Folder } from '../platform/folder';
import { keyOf, type OutputFile } from '../comfyui/outputs';

/** Hidden, unlike any saved file. */
const NAME = '.comfydeploy-saved.jsonl';

const Line = z.lazy(() =>
  z.object({
    filename: z.string(),
    subfolder: z.string(),
    type: z.string(),
    path: z.string(),
    size: z.optional(z.number()),
    tag: z.optional(z.string()),
    isWhole: z.boolean(),
  }),
);

/** Where a file of the server was or is being saved, and its state then. */
export interface Place extends Known {
  readonly path: string;
  readonly isWhole: boolean;
}

/** What was saved into a folder and what was begun, recorded in a file there. */
export class Manifest {
  readonly #places = new Map<string, Place>();
  readonly #whole = new Set<string>();
  readonly #counts = new Map<string, number>();

  constructor(private readonly folder: Folder) {}

  /** Skips lines that are torn or lead out of the folder. */
  async read(names: Names): Promise<void> {
    for (const line of ((await this.folder.read(NAME)) ?? '').split('\n')) {
      const file = lineOf(line);
      if (!file || !isSafePath(file.path)) continue;
      this.#keep(file, file);
      names.know(file.subfolder, file.path);
    }
  }

  of(file: OutputFile): Place | undefined {
    return this.#places.get(keyOf(file));
  }

  /** Whether this path belongs to a file that was saved earlier. */
  holds(path: string): boolean {
    return this.#whole.has(path);
  }

  /** How often each file was saved completely. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  async note(file: OutputFile, { path, size, tag, isWhole }: Place): Promise<void> {
    const { filename, subfolder, type } = file;
    this.#keep(file, { path, size, tag, isWhole });
    await this.folder.append(NAME, JSON.stringify({ filename, subfolder, type, path, size, tag, isWhole }));
  }

  #keep(file: OutputFile, { path, size, tag, isWhole }: Place): void {
    this.#places.set(keyOf(file), { path, size, tag, isWhole });
    if (!isWhole) return;
    this.#whole.add(path);
    this.#counts.set(keyOf(file), (this.#counts.get(keyOf(file)) ?? 0) + 1);
  }
}

function lineOf(text: string): (OutputFile & Place) | undefined {
  try {
    const { size, tag, ...rest } = Line.parse(JSON.parse(text));
    return { ...rest, size, tag };
  } catch {
    return undefined; // empty, torn, or of a newer version
  }
}
