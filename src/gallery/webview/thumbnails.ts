/// <reference lib="dom" />
import { wholeWithin } from '../../platform/body';
import type { Item } from '../item';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A picture or film to be shown small. @param size of a picture, which is known to be bounded */
export interface Wanted extends Pick<Item, 'id' | 'src'> {
  readonly size: Size | undefined;
}

/** Pixels of the longer side. */
const SIDE = 256;
/** Of a picture that is read to be shown small. */
const MOST_BYTES = 128_000_000;
/** As many are kept for scrolling back. */
const MOST_KEPT = 300;
const AT_ONCE = 3;
/** Without scrolling, ms. */
const REST = 100;
/** A film that does not begin by then has no thumbnail, ms. */
const PATIENCE = 10_000;

/** Makes small pictures one by one, decoded beside the page's own thread, so that neither time nor memory run out. */
export class Thumbnails {
  /** The latest seen last; undefined if there is none. */
  readonly #kept = new Map<string, HTMLElement | undefined>();
  readonly #busy = new Set<string>();
  #wanted: readonly Wanted[] = [];
  #rest: number | undefined;

  /** @param made is called after each, and when more can be. */
  constructor(private readonly made: () => void) {}

  /** Whether it scrolls. */
  get isWaiting(): boolean {
    return this.#rest !== undefined;
  }

  of(id: string): HTMLElement | undefined {
    const picture = this.#kept.get(id);
    if (picture) this.#keep(id, picture);
    return picture;
  }

  /** Those in view; others are no longer wanted. */
  want(wanted: readonly Wanted[]): void {
    this.#wanted = wanted;
    this.#next();
  }

  /** It scrolls: pictures wait for that. */
  scrolled(): void {
    window.clearTimeout(this.#rest);
    this.#rest = window.setTimeout(() => {
      this.#rest = undefined;
      this.made();
    }, REST);
  }

  #next(): void {
    if (this.#rest !== undefined) return;
    for (const one of this.#wanted) {
      if (this.#busy.size >= AT_ONCE) return;
      if (!this.#kept.has(one.id) && !this.#busy.has(one.id)) void this.#make(one);
    }
  }

  async #make(one: Wanted): Promise<void> {
    this.#busy.add(one.id);
    const picture = await (one.size ? small(one.src, one.size) : beginning(one.src)).catch(() => undefined);
    this.#busy.delete(one.id);
    this.#keep(one.id, picture);
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT + this.#wanted.length) break;
      this.#kept.delete(id);
    }
    this.made();
    this.#next();
  }

  #keep(id: string, picture: HTMLElement | undefined): void {
    this.#kept.delete(id);
    this.#kept.set(id, picture);
  }
}

async function small(src: string, size: Size): Promise<HTMLElement> {
  const { body } = await fetch(src);
  return drawn(new Blob([new Uint8Array(await wholeWithin(body, MOST_BYTES))]), size);
}

/** The first picture of a film. */
async function beginning(src: string): Promise<HTMLElement> {
  const video = document.createElement('video');
  video.crossOrigin = 'anonymous';
  video.muted = true;
  video.preload = 'auto';
  try {
    await new Promise((resolve, reject) => {
      video.addEventListener('loadeddata', resolve);
      video.addEventListener('error', reject);
      window.setTimeout(reject, PATIENCE);
      video.src = src;
    });
    return await drawn(video, { width: video.videoWidth, height: video.videoHeight });
  } finally {
    video.removeAttribute('src');
    video.load(); // there are few players
  }
}

async function drawn(source: Blob | HTMLVideoElement, { width, height }: Size): Promise<HTMLElement> {
  const side = Math.min(SIDE, Math.max(width, height));
  const longer = width >= height ? { resizeWidth: side } : { resizeHeight: side };
  const bitmap = await createImageBitmap(source, { ...longer, resizeQuality: 'medium' });
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('bitmaprenderer')?.transferFromImageBitmap(bitmap);
  return canvas;
}
