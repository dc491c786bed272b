import type { StoredFile } from './files';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  mp4: 'video/mp4',
  webm: 'video/webm',
  wav: 'audio/x-wav',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  opus: 'audio/ogg',
  glb: 'model/gltf-binary',
  json: 'application/json',
  txt: 'text/plain',
  js: 'application/javascript; charset=utf-8',
  mjs: 'application/javascript; charset=utf-8',
  css: 'text/css',
};

export const contentTypeOf = (filename: string): string =>
  CONTENT_TYPES[filename.slice(filename.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';

/** Serves a file with ranges, an entity tag and a date, so that downloads can resume and repeat. */
export function serveFile(request: Request, file: StoredFile, own: Readonly<Record<string, string>>): Response {
  const { bytes, modifiedAt } = file;
  const etag = `"${(BigInt(Math.trunc(modifiedAt)) * 1_000_000n).toString(16)}-${bytes.length.toString(16)}"`;
  const known = { ...own, Etag: etag, 'Last-Modified': new Date(modifiedAt).toUTCString() };
  if (isFresh(request, etag, modifiedAt)) return new Response(null, { status: 304, headers: known });

  const range = rangeOf(request.headers.get('range'), bytes.length);
  if (range === 'unsatisfiable') {
    return new Response(null, {
      status: 416,
      headers: { ...own, 'Content-Range': `bytes */${bytes.length}`, 'Content-Length': '0' },
    });
  }
  const part = range ? bytes.subarray(range.from, range.to + 1) : bytes;
  return new Response(new Uint8Array(part), {
    status: range ? 206 : 200,
    headers: {
      ...known,
      'Content-Length': String(part.length),
      'Accept-Ranges': 'bytes',
      ...(range ? { 'Content-Range': `bytes ${range.from}-${range.to}/${bytes.length}` } : {}),
    },
  });
}

function isFresh(request: Request, etag: string, modifiedAt: number): boolean {
  const tags = request.headers.get('if-none-match');
  if (tags !== null) return tags.split(',').some((tag) => tag.trim() === etag || tag.trim() === '*');
  const since = Date.parse(request.headers.get('if-modified-since') ?? '');
  return Math.floor(modifiedAt / 1000) * 1000 <= since;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function rangeOf(header: string | null, size: number): Range | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;

  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(size - 1, Number(last));
  return from > to ? 'unsatisfiable' : { from, to };
}
