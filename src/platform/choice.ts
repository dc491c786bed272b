/** One item of a list to choose from. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly description: string;
  /** A codicon before the label. */
  readonly icon?: string;
}

/** What a typed text can mean; if nothing, a hint at what can be typed. */
export interface Typed<T> {
  readonly choices: readonly Choice<T>[];
  readonly hint?: { readonly label: string; readonly description: string };
}
