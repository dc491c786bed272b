import { UNLIMITED } from '../platform/jsonLimits';
import { exactJson } from '../platform/jsonText';
import { readJsonInSlices } from '../platform/pythonJson';
import type { Slices } from '../platform/slices';
import { NotConverted } from './notConverted';
import { conversionOf } from './promptFrom';
import type { Converted } from './converted';

/** Both as texts: how their numbers are written is known only to whoever has read them. */
export interface DrawnTexts {
  readonly graph: string;
  /** What `/object_info` answers. */
  readonly nodes: string;
}

/**
 * A drawn workflow as the text of a prompt. A bundle of its own, read when first needed. Long texts are read in slices.
 * @throws an `AbortError`.
 */
export async function convertDrawn({ graph, nodes }: DrawnTexts, slices: Slices): Promise<Converted> {
  const objectInfo = await readJsonInSlices(nodes, UNLIMITED, slices);
  if (typeof objectInfo !== 'object' || objectInfo === null) return { kind: 'noNodes' };
  const drawn = await readJsonInSlices(graph, UNLIMITED, slices);
  try {
    const { prompt, unsendable } = conversionOf(drawn, objectInfo);
    if (unsendable.length > 0) return { kind: 'unsendable', nodes: unsendable };
    return { kind: 'converted', prompt: exactJson(prompt) };
  } catch (error) {
    if (error instanceof NotConverted) return { kind: 'broken', reason: error.reason };
    throw error;
  }
}
