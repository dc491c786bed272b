import * as z from 'zod/mini';
import { discreet, connect, type Web } from './connection';
import { MINUTE } from '../platform/units';

/** A video may have as much as ComfyUI takes, over a slow line. */
const LONG_TIMEOUT = 30 * MINUTE;
const UploadedWire = z.lazy(() => z.object({ name: z.string(), subfolder: z.string() }));

/**
 * Puts a file into the folder of ComfyUI's inputs, over nothing that is there: another file of the same name keeps it, and
 * the same bytes are stored once.
 * @returns the name by which nodes find it. @throws {ApiError}
 */
export async function uploadInput(
  address: string,
  web: Web,
  { name, bytes }: { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> },
  signal: AbortSignal,
): Promise<string> {
  const { http } = connect(address, web);
  const body = new FormData();
  body.set('image', new File([bytes], name));
  const request = { method: 'POST', path: '/upload/image', body, key: null, timeout: LONG_TIMEOUT, signal } as const;
  const answer = await http.request(request, UploadedWire).catch((error: unknown) => {
    throw discreet(error);
  });
  return answer.subfolder === '' ? answer.name : `${answer.subfolder}/${answer.name}`;
}
