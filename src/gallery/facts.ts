import type { Workflow } from '../comfyui/workflow';
import { plainLines, plainText } from '../platform/plainText';
import { spellingOf } from '../platform/spelling';
import type { Input } from './item';

/** Characters: of a value, and of all together, which the page keeps of each picture while it is searched. */
const LONGEST_VALUE = 4_000;
const LONGEST = 32_000;
const LONGEST_NAME = 200;
/** What people look for first. */
const FIRST = [
  ...['seed', 'noise_seed', 'steps', 'cfg', 'guidance', 'sampler_name', 'scheduler', 'denoise', 'ckpt_name'],
  ...['unet_name', 'lora_name', 'strength_model', 'text', 'prompt', 'width', 'height'],
];

/**
 * The values in a workflow, as it ran. Nodes go by their type, and by their order where there are several: ids differ
 * between workflows that are otherwise the same.
 */
export function inputsOf({ prompt = {} }: Pick<Workflow, 'prompt'>): readonly Input[] {
  const counts = new Map<string, number>();
  const byRank = new Map<number, Input[]>();
  let left = LONGEST;
  for (const { class_type: type, inputs } of Object.values(prompt)) {
    const count = (counts.get(type) ?? 0) + 1;
    counts.set(type, count);
    for (const [name, value] of Object.entries(inputs)) {
      if (typeof value === 'object' || left <= 0) continue; // an object is a link
      const label = plainText([type, ...(count > 1 ? [count] : []), name].join(' '), LONGEST_NAME);
      const rank = FIRST.indexOf(name) >>> 0; // after all others if it is none of them
      const written = typeof value === 'number' ? spellingOf(inputs, name, value) : undefined;
      const text = written ?? (typeof value === 'string' ? value : JSON.stringify(value));
      const input: Input = [label, plainLines(text.slice(0, LONGEST_VALUE))];
      left -= label.length + input[1].length;
      const alike = byRank.get(rank);
      if (alike) alike.push(input);
      else byRank.set(rank, [input]);
    }
  }
  return [...byRank].sort(([a], [b]) => a - b).flatMap(([, some]) => some);
}
