import * as z from 'zod/mini';
import { connect, type Web } from '../comfyui/connection';

/** What the page notes down when it is opened for the first time. */
const PATH = '/settings/Comfy.TutorialCompleted';
/** Nobody waits long for a word about it. */
const TIMEOUT = 3_000;

const Noted = z.lazy(() => z.nullable(z.boolean()));

/**
 * Whether the page of this ComfyUI was never opened: it will show its Templates window then, once, over whatever is open,
 * and no message from outside closes that. False where it cannot be told.
 */
export async function isFirstVisit(address: string, web: Web, signal: AbortSignal): Promise<boolean> {
  try {
    const { http } = connect(address, web);
    const ask = { method: 'GET', path: PATH, key: null, signal, timeout: TIMEOUT, attempts: 1 } as const;
    return (await http.request(ask, Noted)) !== true;
  } catch {
    signal.throwIfAborted();
    return false; // it is a word of advice only
  }
}
