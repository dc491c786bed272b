/** One of a list to choose from. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly description: string;
  /** A codicon before the label. */
  readonly icon?: string;
}

/** What a typed text stands for; where it stands for nothing, what can be typed. */
export interface Typed<T> {
  readonly choices: readonly Choice<T>[];
  readonly hint?: { readonly label: string; readonly description: string };
}
