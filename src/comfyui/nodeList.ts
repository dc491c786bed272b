import { MOST } from '../platform/body';
import { connect, discreet, type Web } from './connection';
import { MINUTE } from '../platform/units';

/** It is put together from all nodes in ComfyUI's event loop: one to a hundred thousand choices in it. */
const LONG_TIMEOUT = MINUTE;

/** What a session's ComfyUI says of all its nodes, as it was written: some 500 kB, and more with each package. @throws {ApiError} */
export async function readNodeList(address: string, web: Web, signal: AbortSignal): Promise<string> {
  const { http } = connect(address, web);
  const request = {
    method: 'GET',
    path: '/object_info',
    most: MOST.nodes,
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
