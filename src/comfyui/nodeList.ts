import { MOST } from '../platform/body';
import { connect, discreet, type Web } from './connection';
import { MINUTE } from '../platform/units';

/** It is put together from all nodes in ComfyUI's event loop: one to a hundred thousand choices in it. */
const LONG_TIMEOUT = MINUTE;

/**
 * What a session's ComfyUI says of all its nodes, as it was written: some 500 kB, and more with each package.
 * @param type of nodes: of those alone, and of which files there are for them now. @throws {ApiError}
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
