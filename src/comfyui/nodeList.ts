import { MOST } from '../platform/body';
import { connect, discreet, type Web } from './connection';
import { MINUTE } from '../platform/units';

/** ComfyUI builds it in its event loop, from one to a hundred thousand choices. */
const LONG_TIMEOUT = MINUTE;

/**
 * The definitions of all nodes of a session's ComfyUI as text: about 500 kB, and more with each package.
 * @param type only nodes of this type, with the files that they can use now. @throws {ApiError}
 */
export async function readNodeList(address: string, web: Web, signal: AbortSignal, type?: string): Promise<string> {
  const { http } = connect(address, web);
  const request = {
    method: 'GET',
    path: type === undefined ? '/object_info' : `/object_info/${encodeURIComponent(type)}`,
    most: type === undefined ? MOST.nodes : MOST.nodeClass,
    timeout: LONG_TIMEOUT,
    key: null,
    signal,
  } as const;
  const { text, failure } = await http.answer(request).catch((error: unknown) => {
    throw discreet(error);
  });
  if (failure) throw discreet(failure);
  return text;
}
