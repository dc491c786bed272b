import * as z from 'zod/mini';
import { discreet, connect, type Web } from './connection';
import { MINUTE } from '../platform/units';

/** For a video of ComfyUI's maximum size over a slow connection. */
const LONG_TIMEOUT = 30 * MINUTE;
const UploadedWire = z.lazy(() => z.object({ name: z.string(), subfolder: z.string() }));

/**
 * Uploads a file to ComfyUI's inputs without overwriting anything: another file with the same name keeps it, and the
 * same bytes are stored once.
 * @returns the name for nodes. @throws {ApiError}
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
