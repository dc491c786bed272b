import { placesOf } from '../../../src/workflows/places';
import { slow } from '../../fakes/prompts';

export const problem = (nodeId: string, input?: string, classType?: string) => ({
  nodeId,
  classType,
  input,
  message: 'no',
});
export const PROMPT = slow(1);

/** `3:5-3:9 text` as the editor numbers it. */
export const at = (text: string, ...problems: readonly ReturnType<typeof problem>[]) =>
  placesOf(text, problems).map(
    (place) =>
      place &&
      `${place.start.line + 1}:${place.start.character + 1}-${place.end.line + 1}:${place.end.character + 1} ${place.text}`,
  );
