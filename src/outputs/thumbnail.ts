import { toBase64 } from '../platform/base64';
import type { Clock } from '../platform/clock';
import { MemorySink } from './memorySink';
import type { ComfyUi } from '../comfyui/client';
import { chunksOf } from './download';
import type { OutputFile } from '../comfyui/outputs';
import { HEAD_BYTES, pictureSizeIn, type PictureSize } from './pictureSize';

export interface ThumbnailOptions {
  readonly comfyUi: Pick<ComfyUi, 'begin' | 'preview'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Quality. ComfyUI keeps the size in pixels: lower quality is the only way to fewer bytes. */
const FINE = 40;
const COARSE = 5;
/** VS Code cuts a tooltip after 100,000 characters; base64 turns three bytes into four. */
const LARGEST = 70_000;
/** Pixels. ComfyUI needs about half a second for a preview of this size, and answers nobody meanwhile. */
const MOST_PIXELS = 5_000_000;
/** Larger pictures are only tried in coarse quality. */
const SMALL = 1_500_000;

/**
 * A thumbnail as a `data:` address; undefined if the picture has too many pixels, its size is not known, or it cannot
 * be made small enough. @throws {ApiError}
 */
export async function thumbnailOf(file: OutputFile, options: ThumbnailOptions): Promise<string | undefined> {
  const size = await sizeOf(file, options);
  const pixels = size ? size.width * size.height : Infinity;
  if (pixels > MOST_PIXELS) return undefined;
  const fine = pixels > SMALL ? undefined : await previewOf(file, FINE, options);
  return fine ?? previewOf(file, COARSE, options);
}

/** Reads no more of the file than necessary. */
async function sizeOf(file: OutputFile, options: ThumbnailOptions): Promise<PictureSize | undefined> {
  const body = await options.comfyUi.begin(file, HEAD_BYTES, options.signal);
  if (!body) return undefined;
  const head = new MemorySink(undefined, HEAD_BYTES);
  for await (const bytes of chunksOf(body, options)) {
    head.put(bytes.subarray(0, HEAD_BYTES - head.bytes.length));
    const size = pictureSizeIn(head.bytes);
    if (size !== undefined) return size === 'unreadable' ? undefined : size;
    if (head.bytes.length === HEAD_BYTES) return undefined;
  }
  return undefined;
}

async function previewOf(file: OutputFile, quality: number, options: ThumbnailOptions): Promise<string | undefined> {
  const { mime, body } = await options.comfyUi.preview(file, quality, options.signal);
  if (!body) return undefined;
  const held = new MemorySink(undefined, LARGEST + 1);
  for await (const bytes of chunksOf(body, options)) {
    if (held.bytes.length + bytes.length > LARGEST) return undefined;
    held.put(bytes);
  }
  return /^image\/(?:webp|png|jpeg)$/.test(mime) ? `data:${mime};base64,${toBase64(held.bytes)}` : undefined;
}
