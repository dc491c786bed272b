import * as z from 'zod/mini';
import { connect, type Web } from '../comfyui/connection';

/** What the page notes down when it is opened for the first time. */
const PATH = '/settings/Comfy.TutorialCompleted';
/** Nobody waits long for a word about it. */
const TIMEOUT = 3_000;

const Noted = z.lazy(() => z.nullable(z.boolean()));

/**
 * Whether this ComfyUI's page has noted that it was opened. When it notes that, it shows its Templates window, once, over
 * whatever is open, and no message from outside closes that; older pages have no such window, and note nothing. Undefined
 * where it is not known.
 */
export async function isVisitNoted(address: string, web: Web, signal: AbortSignal): Promise<boolean | undefined> {
  try {
    const { http } = connect(address, web);
    const ask = { method: 'GET', path: PATH, key: null, signal, timeout: TIMEOUT, attempts: 1 } as const;
    return (await http.request(ask, Noted)) === true;
  } catch {
    signal.throwIfAborted();
    return undefined; // it is a word of advice only
  }
}
