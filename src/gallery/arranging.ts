import type { Facts, Item } from './item';

/** What the user wants to see; an empty text is everything. */
export interface Wish {
  /** Words in the name or in what made it, all of them. */
  readonly words: string;
  readonly kind: string;
  readonly from: string;
  readonly day: string;
  readonly isStarred: boolean;
}

/** The items that are wanted, in their order. @param factsOf what is known of them */
export function wanted(
  items: readonly Item[],
  wish: Wish,
  factsOf: (id: string) => Facts | undefined,
): readonly Item[] {
  const words = wish.words.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (item: Item) => {
    const name = item.name.toLowerCase();
    const values = factsOf(item.id)?.inputs ?? [];
    return words.every((word) => name.includes(word) || values.some(([, value]) => value.toLowerCase().includes(word)));
  };
  return items.filter(
    (item) =>
      (wish.kind === '' || item.kind === wish.kind) &&
      (wish.from === '' || item.from === wish.from) &&
      (wish.day === '' || item.day === wish.day) &&
      (!wish.isStarred || item.isStarred) &&
      (words.length === 0 || holds(item)),
  );
}

/** A grid of equal squares, as many in a row as there is room for. Pixels. */
export interface Grid {
  readonly columns: number;
  readonly side: number;
  readonly count: number;
}

/** Each is at least so wide. */
const NARROWEST = 128;

export function gridFor(width: number, count: number): Grid {
  const columns = Math.max(1, Math.floor(width / NARROWEST));
  return { columns, side: Math.max(1, Math.floor(width / columns)), count };
}

export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The places in the list that an area touches. */
export function touched({ columns, side, count }: Grid, { left, top, right, bottom }: Area): readonly number[] {
  const at = (pixels: number, most: number) => Math.min(Math.max(Math.floor(pixels / side), 0), most);
  const lastRow = Math.ceil(count / columns) - 1;
  const places: number[] = [];
  if (count === 0) return places;
  for (let row = at(top, lastRow); row <= at(bottom, lastRow); row++)
    for (let column = at(left, columns - 1); column <= at(right, columns - 1); column++)
      if (row * columns + column < count) places.push(row * columns + column);
  return places;
}

/** Where a key leads from a place in the list; undefined if it does not move. @param page rows in view */
export function moved(key: string, at: number, { columns, count }: Grid, page: number): number | undefined {
  const steps = new Map([
    ['ArrowLeft', -1],
    ['ArrowRight', 1],
    ['ArrowUp', -columns],
    ['ArrowDown', columns],
    ['PageUp', -columns * page],
    ['PageDown', columns * page],
    ['Home', -count],
    ['End', count],
  ]);
  const step = steps.get(key);
  return step === undefined ? undefined : Math.min(Math.max(at + step, 0), Math.max(count - 1, 0));
}

/** As many are compared. */
export const MOST_BESIDE = 4;

/** What can be done with what is chosen; anything else only with one. @param isBeside they are being compared */
export function actsFor(picked: readonly Item[], isBeside: boolean): Readonly<Record<string, boolean>> {
  const areImages = picked.every(({ kind }) => kind === 'image');
  const areSaved = picked.some(({ isSaved }) => isSaved);
  return {
    open: !isBeside,
    save: picked.some(({ isSaved }) => !isSaved),
    compare: areImages && picked.length > 1 && picked.length <= MOST_BESIDE && !isBeside,
    copy: picked.length === 1 && areImages,
    star: picked.some(({ isSaved, isStarred }) => isSaved && !isStarred),
    unstar: picked.some(({ isStarred }) => isStarred),
    trash: areSaved && !isBeside,
    wipe: isBeside && picked.length === 2,
    back: isBeside,
  };
}
