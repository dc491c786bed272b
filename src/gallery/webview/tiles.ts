/// <reference lib="dom" />
import { touched, type Grid } from '../arranging';
import type { Facts, Item } from '../item';
import { Thumbnails, type Wanted } from './thumbnails';

/** Pixels of a picture that is decoded to be shown small. */
const MOST_PIXELS = 32_000_000;
/** Pixels between two, where a rubber band may begin. */
const GAP = 8;
const SIGNS: Readonly<Record<string, string>> = { image: '▦', video: '▶', audio: '♪', '3D': '◆' };

export interface Drawn {
  readonly items: readonly Item[];
  readonly grid: Grid;
  readonly chosen: ReadonlySet<string>;
  /** The place that keys start from. */
  readonly at: number;
  readonly factsOf: (id: string) => Facts | undefined;
}

/** The tiles in view: there are no others, however many items there are. */
export class Tiles {
  #tiles = new Map<string, { readonly tile: HTMLElement; readonly item: Item }>();

  readonly #thumbnails: Thumbnails;

  /** @param changed is called when there is more to draw. */
  constructor(
    private readonly box: HTMLElement,
    private readonly all: HTMLElement,
    changed: () => void,
  ) {
    this.#thumbnails = new Thumbnails(changed);
    box.addEventListener('scroll', () => {
      this.#thumbnails.scrolled();
      changed();
    });
  }

  /** @returns the items in view, once nothing moves. */
  draw({ items, grid, chosen, at, factsOf }: Drawn): readonly Item[] {
    const { box, all } = this;
    const { side, columns, count } = grid;
    all.style.height = `${Math.ceil(count / columns) * side}px`;
    const top = box.scrollTop;
    const places = touched(grid, { left: 0, right: box.clientWidth, top, bottom: top + box.clientHeight });
    const before = this.#tiles;
    this.#tiles = new Map();
    for (const place of places) {
      const item = items[place];
      if (!item) continue;
      const known = before.get(item.id);
      const tile = known && looksAlike(known.item, item) ? known.tile : tileOf(item);
      this.#tiles.set(item.id, { tile, item });
      if (tile.parentNode !== all) all.append(tile);
      addPicture(tile, item, factsOf(item.id), this.#thumbnails.of(item.id));
      tile.id = `t${place}`;
      tile.className = place === at ? 'at' : '';
      tile.ariaSelected = String(chosen.has(item.id));
      tile.ariaPosInSet = String(place + 1);
      tile.ariaSetSize = String(count);
      const [x, y] = [place % columns, Math.floor(place / columns)].map((count) => count * side + GAP / 2);
      const size = `${side - GAP}px`;
      Object.assign(tile.style, { width: size, height: size, transform: `translate(${x}px,${y}px)` });
    }
    const drawn = new Set([...this.#tiles.values()].map(({ tile }) => tile));
    for (const { tile } of before.values()) if (!drawn.has(tile)) tile.remove();
    if (places.includes(at)) box.setAttribute('aria-activedescendant', `t${at}`);
    else box.removeAttribute('aria-activedescendant');
    const inView = [...this.#tiles.values()].map(({ item }) => item);
    this.#thumbnails.want(inView.flatMap((item) => wantedOf(item, factsOf(item.id))));
    return this.#thumbnails.isWaiting ? [] : inView;
  }
}

/** Of items with the same id. A new list is no reason to load pictures again. */
function looksAlike(one: Item, { isStarred, src }: Item): boolean {
  return one.isStarred === isStarred && one.src === src;
}

function tileOf({ name, kind, isSaved, isStarred, from }: Item): HTMLElement {
  const tile = document.createElement('div');
  tile.role = 'option';
  tile.title = `${name}\n${from}`;
  tile.draggable = isSaved;
  const sign = document.createElement('i');
  sign.textContent = SIGNS[kind] ?? '▤';
  sign.ariaHidden = 'true';
  sign.className = 'sign';
  const words = document.createElement('span');
  words.textContent = `${isStarred ? '★ ' : ''}${isSaved ? '' : '☁ '}${name}`;
  tile.append(sign, words);
  return tile;
}

/** A picture that is known to be no huge one, or a film. */
function wantedOf({ id, src, kind, isSaved }: Item, facts: Facts | undefined): readonly Wanted[] {
  if (!isSaved || (kind !== 'video' && (kind !== 'image' || !isSmall(facts)))) return [];
  return [{ id, src, size: facts?.size }];
}

function isSmall(facts: Facts | undefined): boolean {
  return facts?.size !== undefined && facts.size.width * facts.size.height <= MOST_PIXELS;
}

/** In place of the sign, once there is one. */
function addPicture(tile: HTMLElement, item: Item, facts: Facts | undefined, thumbnail: HTMLElement | undefined): void {
  const sign = tile.querySelector('i');
  if (sign && facts?.size && !isSmall(facts)) {
    sign.textContent = `${facts.size.width} × ${facts.size.height}`;
    sign.className = '';
  }
  if (sign && thumbnail) sign.replaceWith(thumbnail);
  if (!sign || item.isSaved || item.src === '' || item.kind !== 'image') return;
  const media = mediaOf(item);
  media.addEventListener('error', () => media.replaceWith(sign), { once: true });
  sign.replaceWith(media);
}

/** Shows a picture, film or sound. */
export function mediaOf({ kind, src }: Pick<Item, 'kind' | 'src'>): HTMLImageElement | HTMLMediaElement {
  if (kind === 'image') {
    const image = new Image();
    image.crossOrigin = 'anonymous'; // so that it can be copied
    image.decoding = 'async';
    image.alt = '';
    image.src = src;
    return image;
  }
  const media = document.createElement(kind === 'audio' ? 'audio' : 'video');
  media.preload = 'metadata';
  media.src = src;
  return media;
}
