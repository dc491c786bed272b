/** Plain text throughout: whoever draws it must escape it, since names come from the server. */
export interface Tooltip {
  readonly title: string;
  readonly lines: readonly (readonly [name: string, value: string])[];
  readonly note?: string;
  /** A `data:` address, drawn above the lines. */
  readonly picture?: string;
  /** What can be done, as links below the lines. */
  readonly links?: readonly TooltipLink[];
}

/** Runs a command of ours, as a link does: with copies of its arguments, so that it asks before it does anything. */
export interface TooltipLink {
  readonly text: string;
  /** Our own name for it, without the prefix. */
  readonly command: string;
  readonly target: object;
}
