/** In units of the canvas. */
export type Rect = readonly [x: number, y: number, width: number, height: number];

export type Mark = 'added' | 'removed' | 'changed' | 'moved';

/** A node. */
export interface Box {
  /** Of the part in `library/parts`. */
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** With its title, which is `TITLE` high. */
  readonly at: Rect;
  /** It has no place yet. */
  readonly isLoose: boolean;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly values: readonly string[];
  readonly colour: string;
  /** As the page numbers it: 0 runs. */
  readonly mode: number;
  readonly mark?: Mark;
  /** Where it was before it was moved. */
  readonly was?: Rect;
  /** How it has changed. */
  readonly changes?: readonly string[];
  readonly problems?: readonly string[];
}

/** Ends are boxes, by index, and the rows of their sockets. */
export interface Link {
  readonly from: number;
  readonly slot: number;
  readonly to: number;
  readonly row: number;
  readonly type: string;
  readonly mark?: Mark;
}

/** A group, or a subgraph. */
export interface Frame {
  readonly key: string;
  readonly name: string;
  readonly at: Rect;
  readonly colour: string;
  readonly mark?: Mark;
}

export interface Picture {
  readonly boxes: readonly Box[];
  readonly links: readonly Link[];
  readonly frames: readonly Frame[];
}

/** What the page's script gets. */
export interface Shown {
  readonly picture: Picture;
  /** What a box is called in the list, by index. */
  readonly labels: readonly string[];
  /** About the picture as a whole, or why there is none. */
  readonly about: string;
}

export const NOTHING: Picture = { boxes: [], links: [], frames: [] };

export const TITLE = 30;
/** The height of a socket or a line of text. */
export const ROW = 20;

export function rowsOf({ inputs, outputs }: Pick<Box, 'inputs' | 'outputs'>): number {
  return Math.max(inputs.length, outputs.length);
}

/** The smallest one around all of them. */
export function around(rects: readonly Rect[]): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y, width, height] of rects) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return left > right ? [0, 0, 0, 0] : [left, top, right - left, bottom - top];
}
