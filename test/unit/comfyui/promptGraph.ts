import { graphOfPrompt } from '../../../src/comfyui/promptGraph';
import type { Prompt } from '../../../src/comfyui/workflow';

export interface Drawn {
  readonly last_node_id: number;
  readonly nodes: readonly {
    readonly id: number | string;
    readonly type: string;
    readonly pos: readonly [number, number];
    readonly widgets_values: readonly unknown[];
    readonly inputs: readonly { readonly name: string; readonly link: number | null }[];
    readonly outputs: readonly { readonly links: readonly number[] }[];
  }[];
  readonly links: readonly (readonly [number, number | string, number, number | string, number, string])[];
}

export const drawn = (prompt: Prompt) => graphOfPrompt(prompt) as unknown as Drawn;
export const node = (inputs: Record<string, unknown> = {}, title?: string) => ({
  class_type: 'A',
  inputs,
  ...(title === undefined ? {} : { _meta: { title } }),
});
