import { drawing, type NameOf } from '../../src/picture/drawing';
import { settled } from '../../src/picture/layers';
import type { Picture } from '../../src/picture/picture';
import type { Prompt } from '../../src/comfyui/workflow';
import { stepsOf } from '../../src/platform/slices';

const NAMELESS: NameOf = () => undefined;

export function drawnGraph(graph: Readonly<Record<string, unknown>>, nameOf = NAMELESS): Picture {
  return settled(stepsOf(drawing({ graph, prompt: undefined }, nameOf)).atOnce());
}

export function drawnPrompt(prompt: Prompt): Picture {
  return settled(stepsOf(drawing({ graph: undefined, prompt }, NAMELESS)).atOnce());
}
