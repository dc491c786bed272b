import type { Facts, Item } from './item';

/** What the user wants to see; an empty text is everything. */
export interface Wish {
  /** Words in the name or in what made it, all of them. */
  readonly words: string;
  readonly kind: string;
  readonly from: string;
  readonly day: string;
  readonly isStarred: boolean;
  /** The workflow that made it. */
  readonly work: string;
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
    const facts = factsOf(item.id);
    const text = facts ? searchedIn(facts) : '';
    return words.every((word) => name.includes(word) || text.includes(word));
  };
  return items.filter(
    (item) =>
      (wish.kind === '' || item.kind === wish.kind) &&
      (wish.from === '' || item.from === wish.from) &&
      (wish.day === '' || item.day === wish.day) &&
      (!wish.isStarred || item.isStarred) &&
      (wish.work === '' || factsOf(item.id)?.work === wish.work) &&
      (words.length === 0 || holds(item)),
  );
}

const searched = new WeakMap<Facts, string>();

/** All values, in small letters: made once, since every typed letter looks through all files. */
function searchedIn(facts: Facts): string {
  const known = searched.get(facts);
  if (known !== undefined) return known;
  const text = (facts.inputs ?? []).map(([, value]) => value.toLowerCase()).join('\n');
  searched.set(facts, text);
  return text;
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

export interface Chosen {
  readonly picked: readonly Item[];
  /** They are being compared. */
  readonly isBeside: boolean;
  /** The only picture is shown as it is. */
  readonly isShown: boolean;
}

/** What can be done with what is chosen. */
export function actsFor(
  { picked, isBeside, isShown }: Chosen,
  factsOf: (id: string) => Facts | undefined,
): Readonly<Record<string, boolean>> {
  const [first] = picked;
  const isOne = picked.length === 1;
  const work = first && factsOf(first.id)?.work;
  const areImages = picked.every(({ kind }) => kind === 'image');
  const areSaved = picked.some(({ isSaved }) => isSaved);
  return {
    open: !isBeside,
    save: picked.some(({ isSaved }) => !isSaved),
    compare: areImages && picked.length > 1 && picked.length <= MOST_BESIDE && !isBeside,
    copy: isOne && areImages && isShown,
    star: picked.some(({ isSaved, isStarred }) => isSaved && !isStarred),
    unstar: picked.some(({ isStarred }) => isStarred),
    trash: areSaved && !isBeside,
    openWorkflow: isOne && work !== '',
    queueAgain: isOne && work !== '',
    queueMany: isOne && work !== '',
    sameWork: isOne && work !== undefined && work !== '',
    wipe: isBeside && picked.length === 2,
    back: isBeside,
  };
}

/** Files that are read together: as a whole, and only their sizes. */
const AT_ONCE = { look: 64, measure: 96 } as const;

export interface Looked {
  readonly inView: readonly Item[];
  readonly picked: readonly Item[];
  /** Those in which words are looked for. */
  readonly searched: readonly Item[];
}

/** The files to read next: what is chosen, then what is in view, then what is searched. */
export function unread(
  { inView, picked, searched }: Looked,
  factsOf: (id: string) => Facts | undefined,
): {
  readonly next: { readonly act: string; readonly items: readonly Item[] } | undefined;
  readonly isSearching: boolean;
} {
  const isUnread = ({ id }: Item) => !factsOf(id)?.inputs;
  const left = searched.filter((item) => (item.isSaved || item.kind === 'image') && isUnread(item));
  const next = (
    [
      ['look', picked.slice(0, MOST_BESIDE).filter(isUnread)],
      ['measure', inView.filter(({ id, isSaved, kind }) => isSaved && kind === 'image' && !factsOf(id))],
      ['look', left],
    ] as const
  ).find(([, items]) => items.length > 0);
  const [act = 'look', items = []] = next ?? [];
  return { next: next && { act, items: items.slice(0, AT_ONCE[act]) }, isSearching: left.length > 0 };
}
