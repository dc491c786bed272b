import type { NotConvertedReason } from './notConverted';

/** A node that nobody but the page can send. */
export interface Unsendable {
  /** As in the prompt. */
  readonly id: string;
  readonly type: string;
  /** The server does not know it, or its value is made while the page is open, as by a camera. */
  readonly why: 'unknown' | 'live';
}

/** What became of a drawn workflow that was to be a prompt. */
export type Converted =
  | { readonly kind: 'converted'; readonly prompt: string }
  | { readonly kind: 'unsendable'; readonly nodes: readonly Unsendable[] }
  | { readonly kind: 'broken'; readonly reason: NotConvertedReason }
  /** The list of nodes cannot be read. */
  | { readonly kind: 'noNodes' };
