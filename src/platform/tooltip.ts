/** Plain text throughout: whoever draws it must escape it, since names come from the server. */
export interface Tooltip {
  readonly title: string;
  readonly lines: readonly (readonly [name: string, value: string])[];
  readonly note?: string;
  /** A `data:` address, drawn above the lines. */
  readonly picture?: string;
}
