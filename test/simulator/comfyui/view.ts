import { empty, ServerTrouble } from './answers';
import { escapes, isFolderType, type FileRef, type Files } from './files';
import { encodeJpeg } from './jpeg';
import { decodePng, encodePng } from './png';
import type { Picture } from './picture';
import { contentTypeOf, serveFile } from './serveFile';
import { encodeWebp } from './webp';

const ANNOTATED = /^(.*) \[(input|output|temp)\]$/s;

/** Types that a browser would run are sent as plain bytes. */
const DISARMED = new Set(['html', 'htm']);

/** GET and HEAD /view. */
export function view(request: Request, files: Files): Response {
  const query = new URL(request.url).searchParams;
  const found = locate(query);
  if (typeof found === 'number') return empty(found);
  const file = files.get(found);
  if (!file) return empty(404);

  const own = { 'Content-Disposition': disposition(found.filename) };
  const rendered = render(query, found.filename, file.bytes);
  if (!rendered) {
    const type = DISARMED.has(extensionOf(found.filename)) ? 'application/octet-stream' : contentTypeOf(found.filename);
    return serveFile(request, file, { ...own, 'Content-Type': type });
  }
  return new Response(new Uint8Array(rendered.bytes), {
    headers: { ...own, 'Content-Type': rendered.type, 'Content-Length': String(rendered.bytes.length) },
  });
}

/**
 * Whether the requested file name breaks the header of the answer: then the connection is closed without an answer.
 * ComfyUI does that for line breaks only, but Node can neither send nor read the other control characters.
 */
export function breaksItsAnswer({ pathname, searchParams }: URL, files: Files): boolean {
  const found = /^(?:\/api)?\/view$/.test(pathname) ? locate(searchParams) : 404;
  return (
    typeof found !== 'number' && files.get(found) !== undefined && /[^\P{Cc}\t\u0080-\u009f]/u.test(found.filename)
  );
}

/** The file that the query names, or the status of the refusal. */
function locate(query: URLSearchParams): FileRef | 400 | 403 | 404 {
  const asked = query.get('filename');
  if (!asked) return 404;
  const [, plainName = asked, annotation] = ANNOTATED.exec(asked) ?? [];
  const type = annotation ?? query.get('type') ?? 'output';
  if (plainName.startsWith('/') || plainName.includes('..')) return 400;
  if (!isFolderType(type)) return 400;
  const subfolder = query.get('subfolder') ?? '';
  if (escapes(subfolder)) return 403;
  return { filename: plainName.slice(plainName.lastIndexOf('/') + 1), subfolder, type };
}

/** A picture asked for in another format or without its metadata. */
function render(
  query: URLSearchParams,
  filename: string,
  bytes: Buffer,
): { readonly type: string; readonly bytes: Buffer } | undefined {
  const preview = query.get('preview');
  const channel = query.get('channel');
  if (preview !== null) {
    const picture = pictureOf(filename, bytes);
    if (preview.startsWith('jpeg')) return { type: 'image/jpeg', bytes: encodeJpeg(picture) };
    return { type: 'image/webp', bytes: encodeWebp(picture) };
  }
  if (channel !== 'rgb' && channel !== 'a') return undefined;
  const picture = pictureOf(filename, bytes);
  return { type: 'image/png', bytes: encodePng(channel === 'a' ? opaque(picture) : picture) };
}

function pictureOf(filename: string, bytes: Buffer): Picture {
  const picture = extensionOf(filename) === 'png' ? decodePng(bytes) : undefined;
  if (!picture) throw new ServerTrouble('not a picture this server can read');
  return picture;
}

const opaque = ({ width, height, rgb }: Picture): Picture => ({ width, height, rgb: rgb.map(() => 255) });

const extensionOf = (filename: string): string => filename.slice(filename.lastIndexOf('.') + 1).toLowerCase();

/** The name as it is, unescaped, in UTF-8 bytes: a newline in it breaks the answer, as in the real one. */
const disposition = (filename: string): string => Buffer.from(`filename="${filename}"`, 'utf8').toString('latin1');
