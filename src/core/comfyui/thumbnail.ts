import { toBase64 } from '../base64';
import type { Clock } from '../state/clock';
import { Basket } from './basket';
import type { ComfyUi } from './client';
import { chunksOf } from './download';
import type { OutputFile } from './outputs';

export interface ThumbnailOptions {
  readonly comfyUi: Pick<ComfyUi, 'preview'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** ComfyUI keeps the pixels: less quality is the only way to fewer bytes. */
const QUALITIES = [40, 5];
/** VS Code cuts a tooltip after 100,000 characters, of which base64 makes four for three bytes. */
const LARGEST = 70_000;

/** A picture of a file as a `data:` address; undefined if it cannot be made small enough. @throws {ApiError} */
export async function thumbnailOf(file: OutputFile, options: ThumbnailOptions): Promise<string | undefined> {
  for (const quality of QUALITIES) {
    const picture = await previewOf(file, quality, options);
    if (picture !== undefined) return picture;
  }
  return undefined;
}

async function previewOf(file: OutputFile, quality: number, options: ThumbnailOptions): Promise<string | undefined> {
  const { mime, body } = await options.comfyUi.preview(file, quality, options.signal);
  if (!body) return undefined;
  const basket = new Basket(undefined, LARGEST + 1);
  for await (const bytes of chunksOf(body, options)) {
    if (basket.bytes.length + bytes.length > LARGEST) return undefined;
    basket.put(bytes);
  }
  return /^image\/(?:webp|png|jpeg)$/.test(mime) ? `data:${mime};base64,${toBase64(basket.bytes)}` : undefined;
}
