/** Plain text: code that draws it has to escape it, since names come from the server. */
export interface Tooltip {
  readonly title: string;
  readonly lines: readonly (readonly [name: string, value: string])[];
  readonly note?: string;
  /** A `data:` address, drawn above the lines. */
  readonly picture?: string;
  /** Commands, as links below the lines. */
  readonly links?: readonly TooltipLink[];
}

/**
 * Runs one of our commands with copies of its arguments, as a link does, so the command asks before it does anything.
 */
export interface TooltipLink {
  readonly text: string;
  /** The command's name without our prefix. */
  readonly command: string;
  readonly target: object;
}
