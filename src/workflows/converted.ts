import type { NotConvertedReason } from './notConverted';

/** A node that only the page could send. */
export interface Unsendable {
  /** The id in the prompt. */
  readonly id: string;
  readonly type: string;
  /** The server does not know it, or its value is created while the page is open, for example by a camera. */
  readonly why: 'unknown' | 'live';
}

/** The result of converting a drawn workflow. */
export type Converted =
  | { readonly kind: 'converted'; readonly prompt: string }
  | { readonly kind: 'unsendable'; readonly nodes: readonly Unsendable[] }
  | { readonly kind: 'broken'; readonly reason: NotConvertedReason }
  /** The list of nodes cannot be read. */
  | { readonly kind: 'noNodes' };
