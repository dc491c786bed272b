import * as z from 'zod/mini';
import type { Workflow } from '../comfyui/workflow';
import { digestOf } from '../platform/digest';
import type { Memory } from '../platform/memory';
import { isModel } from './findings';
import { fieldsOf, itemsOf, textOr } from './nodeDefs';

const Taken = z.lazy(() => z.object({ work: z.string(), gpu: z.string(), used: z.number() }));
/** The least memory of a GPU that any run of a workflow took; `used` in bytes, with everything that ComfyUI keeps loaded. */
export type Taken = Readonly<z.output<typeof Taken>>;

const KEY = 'memoryTaken';
const MOST = 200;
/** The most names that distinguish a workflow, and the most letters of each. */
const LONGEST = { names: 2_000, letters: 200 } as const;

/** Known from this user's runs in all windows: those that they queued and whose end a window saw. */
export class MemoryTaken {
  constructor(private readonly memory: Memory) {}

  async of(workflow: Parts): Promise<readonly Taken[]> {
    const works = await worksOf(workflow);
    return this.#all().filter(({ work }) => works.includes(work));
  }

  async note(workflow: Parts, gpu: string, used: number): Promise<void> {
    let all = this.#all();
    for (const work of await worksOf(workflow)) {
      const isSame = (one: Taken) => one.work === work && one.gpu === gpu;
      const least = Math.min(used, ...all.filter(isSame).map((one) => one.used));
      all = [...all.filter((one) => !isSame(one)), { work, gpu, used: least }];
    }
    await this.memory.update(KEY, all.slice(-MOST));
  }

  #all(): readonly Taken[] {
    return z.safeParse(z.array(Taken), this.memory.get(KEY)).data ?? [];
  }
}

type Parts = Pick<Workflow, 'graph' | 'prompt'>;

/** Digests that identify a workflow as drawn and as queued, whatever its seeds, texts and sizes. */
export async function worksOf(workflow: Parts): Promise<readonly string[]> {
  return Promise.all(distinguishingTexts(workflow).map(digestOf));
}

/** Texts that identify a workflow as drawn and as queued, whatever its seeds, texts and sizes. */
export function distinguishingTexts({ graph, prompt }: Parts): readonly string[] {
  return [...(graph ? [drawnNames(graph)] : []), ...(prompt ? [queuedNames(prompt)] : [])].map(namesText);
}

function drawnNames(graph: NonNullable<Parts['graph']>): readonly unknown[] {
  return [graph, ...itemsOf(fieldsOf(graph['definitions'])['subgraphs'])].flatMap((net) =>
    itemsOf(fieldsOf(net)['nodes']).flatMap((node) => {
      const { type, widgets_values: values } = { type: '', widgets_values: undefined, ...fieldsOf(node) };
      return [type, ...modelsIn(itemsOf(values)), ...modelsIn(Object.values(fieldsOf(values)))];
    }),
  );
}

function queuedNames(prompt: NonNullable<Parts['prompt']>): readonly unknown[] {
  return Object.values(prompt).flatMap(({ class_type, inputs }) => [class_type, ...modelsIn(Object.values(inputs))]);
}

function modelsIn(values: readonly unknown[]): readonly unknown[] {
  return values.filter((value) => typeof value === 'string' && isModel(value));
}

function namesText(names: readonly unknown[]): string {
  const few = names.slice(0, LONGEST.names).map((name) => textOr(name, '').slice(0, LONGEST.letters));
  return few.sort().join('\n');
}
