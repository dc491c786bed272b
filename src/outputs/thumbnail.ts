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

/** ComfyUI keeps the pixels: less quality is the only way to fewer bytes. */
const FINE = 40;
const COARSE = 5;
/** VS Code cuts a tooltip after 100,000 characters, of which base64 makes four for three bytes. */
const LARGEST = 70_000;
/** Pixels. While ComfyUI makes a preview, about half a second for so many, it answers nobody. */
const MOST_PIXELS = 5_000_000;
/** Above this nobody tries how the finer one comes out. */
const SMALL = 1_500_000;

/**
 * A picture of a file as a `data:` address; undefined if it has too many pixels, does not tell how many, or cannot be made
 * small enough. @throws {ApiError}
 */
export async function thumbnailOf(file: OutputFile, options: ThumbnailOptions): Promise<string | undefined> {
  const size = await sizeOf(file, options);
  const pixels = size ? size.width * size.height : Infinity;
  if (pixels > MOST_PIXELS) return undefined;
  const fine = pixels > SMALL ? undefined : await previewOf(file, FINE, options);
  return fine ?? previewOf(file, COARSE, options);
}

/** Reads no more of the file than it takes. */
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
