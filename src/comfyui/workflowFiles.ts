import { digestOf } from '../platform/digest';
import type { Names } from './fileNames';
import type { Folder } from '../platform/folder';
import type { Run } from './outputs';
import { prettyJson } from '../platform/jsonText';

/** Saves the workflows of runs, one file for each different graph. */
export class WorkflowFiles {
  readonly #written = new Set<string>();
  #count = 0;

  constructor(
    private readonly folder: Folder,
    private readonly names: Names,
  ) {}

  /** How many files are new. */
  get count(): number {
    return this.#count;
  }

  /** Saves the drawn graph, or else the prompt. @param base the path without its extension. */
  async write({ graph, prompt }: Run, base: string): Promise<void> {
    const [kind, value] = isFilled(graph) ? ['workflow', graph] : ['api', prompt];
    if (!isFilled(value)) return;
    const text = prettyJson(value);
    const digest = await digestOf(text); // texts have up to a megabyte, and a long session has hundreds
    if (this.#written.has(digest)) return;
    this.#written.add(digest);
    const wanted = `${base}.${kind}.json`;
    // Always from the same name, so that a later save finds this file by the same steps.
    for (let path = this.names.claim(wanted); ; path = this.names.claim(wanted)) {
      if ((await this.folder.look(path)) === undefined) {
        if (!(await this.folder.create(path, text))) continue;
        this.#count++;
        return;
      }
      if ((await this.folder.read(path)) === text) return;
    }
  }
}

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
