import type { ComfyUi } from '../comfyui/client';
import type { Run } from '../comfyui/outputs';

/** How many of the last runs are read, in turn, until that is enough: their graphs come along. */
const LOOKS = [2, 8, 32];

/** The runs since the known ones, in pages; all runs if the last ones contain no known one. */
export async function* runsSince(
  comfyUi: Pick<ComfyUi, 'last' | 'history'>,
  known: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Run[]> {
  for (const count of known.size === 0 ? [] : LOOKS) {
    const page = await comfyUi.last(count, signal);
    const isEnough = page.length < count || page.some(({ promptId }) => known.has(promptId));
    if (!isEnough) continue;
    yield page.filter(({ promptId }) => !known.has(promptId));
    return;
  }
  yield* comfyUi.history(signal);
}
