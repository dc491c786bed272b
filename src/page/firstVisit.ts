import * as z from 'zod/mini';
import { connect, type Web } from '../comfyui/connection';

/** The setting that the page stores when it is opened for the first time. */
const PATH = '/settings/Comfy.TutorialCompleted';
/** The longest wait for this hint, ms. */
const TIMEOUT = 3_000;

const Noted = z.lazy(() => z.nullable(z.boolean()));

/**
 * Whether this ComfyUI's page has recorded its first visit. When it does, it shows its Templates window once, over
 * whatever is open, and no message from outside can close that; older pages have no such window and record nothing.
 * Undefined if not known.
 */
export async function isVisitNoted(address: string, web: Web, signal: AbortSignal): Promise<boolean | undefined> {
  try {
    const { http } = connect(address, web);
    const ask = { method: 'GET', path: PATH, key: null, signal, timeout: TIMEOUT, attempts: 1 } as const;
    return (await http.request(ask, Noted)) === true;
  } catch {
    signal.throwIfAborted();
    return undefined; // it only decides about a hint
  }
}
