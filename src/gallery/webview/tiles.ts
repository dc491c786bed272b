/// <reference lib="dom" />
import { touched, type Grid } from '../arranging';
import type { Facts, Item } from '../item';

/** Pixels of a picture that is decoded to be shown small. */
const MOST_PIXELS = 6_000_000;
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

  constructor(
    private readonly box: HTMLElement,
    private readonly all: HTMLElement,
  ) {}

  /** @returns the items in view. */
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
      addPicture(tile, item, factsOf(item.id));
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
    box.setAttribute('aria-activedescendant', drawn.size > 0 ? `t${at}` : '');
    return [...this.#tiles.values()].map(({ item }) => item);
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
  const words = document.createElement('span');
  words.textContent = `${isStarred ? '★ ' : ''}${isSaved ? '' : '☁ '}${name}`;
  tile.append(sign, words);
  return tile;
}

/** In place of the sign, once it is known to be no huge one. */
function addPicture(tile: HTMLElement, { id, kind, src, isSaved }: Item, facts: Facts | undefined): void {
  const sign = tile.querySelector('i');
  const pixels = facts?.size && facts.size.width * facts.size.height;
  const isSmall = !isSaved || (pixels !== undefined && pixels <= MOST_PIXELS);
  if (sign && facts?.size && !isSmall) sign.textContent = `${facts.size.width} × ${facts.size.height}`;
  if (!sign || src === '' || (kind !== 'image' && kind !== 'video') || (kind === 'image' && !isSmall)) return;
  const media = mediaOf({ id, kind, src });
  media.addEventListener('error', () => media.replaceWith(sign), { once: true });
  sign.replaceWith(media);
}

/** Shows a picture, or the beginning of a film. */
export function mediaOf({ kind, src }: Pick<Item, 'id' | 'kind' | 'src'>): HTMLImageElement | HTMLMediaElement {
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
