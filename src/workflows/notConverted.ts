/** Why no prompt can be made of a graph. What is named is as it stands in the file. */
export type NotConvertedReason =
  /** It is no drawn workflow. */
  | { readonly kind: 'noGraph' }
  /** A socket names a link that is not in the file. */
  | { readonly kind: 'noLink'; readonly node: string; readonly input: string }
  /** A link begins at a node that is not in the file. */
  | { readonly kind: 'noOrigin'; readonly node: string; readonly input: string; readonly origin: string }
  /** Nodes that only pass on what they get feed each other. */
  | { readonly kind: 'circle'; readonly node: string }
  | { readonly kind: 'subgraphInItself'; readonly node: string }
  /** Groups of nodes stand on the canvas itself, not inside subgraphs. */
  | { readonly kind: 'groupInSubgraph'; readonly node: string }
  /** Subgraphs in subgraphs, deeper than anybody draws. */
  | { readonly kind: 'tooDeep'; readonly node: string }
  /** With all that is inside subgraphs. */
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'noIdsLeft' };

/** A graph that is broken, or of a size that nothing could run. */
export class NotConverted extends Error {
  constructor(readonly reason: NotConvertedReason) {
    super(`The graph cannot be converted: ${reason.kind}`);
  }
}
