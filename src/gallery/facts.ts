import type { Workflow } from '../comfyui/workflow';
import { plainLines, plainText } from '../platform/plainText';
import { spellingOf } from '../platform/spelling';
import type { Input } from './item';

const MOST_INPUTS = 300;
/** Characters. */
const LONGEST_VALUE = 4_000;
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
  let left = MOST_INPUTS;
  for (const { class_type: type, inputs } of Object.values(prompt)) {
    const count = (counts.get(type) ?? 0) + 1;
    counts.set(type, count);
    for (const [name, value] of Object.entries(inputs)) {
      if (typeof value === 'object' || left-- <= 0) continue; // an object is a link
      const label = plainText([type, ...(count > 1 ? [count] : []), name].join(' '), LONGEST_NAME);
      const rank = FIRST.indexOf(name) >>> 0; // after all others if it is none of them
      const spelled = typeof value === 'number' ? (spellingOf(inputs, name, value) ?? `${value}`) : value;
      const text = typeof spelled === 'string' ? spelled : JSON.stringify(spelled ?? null);
      byRank.set(rank, [...(byRank.get(rank) ?? []), [label, plainLines(text.slice(0, LONGEST_VALUE))]]);
    }
  }
  return [...byRank].sort(([a], [b]) => a - b).flatMap(([, some]) => some);
}
