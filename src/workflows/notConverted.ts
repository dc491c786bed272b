/** Why a graph cannot be converted. Names are those in the file. */
export type NotConvertedReason =
  /** It is not a drawn workflow. */
  | { readonly kind: 'noGraph' }
  /** A socket names a link that the file does not contain. */
  | { readonly kind: 'noLink'; readonly node: string; readonly input: string }
  /** A link begins at a node that the file does not contain. */
  | { readonly kind: 'noOrigin'; readonly node: string; readonly input: string; readonly origin: string }
  /** Nodes that only pass values on feed each other. */
  | { readonly kind: 'circle'; readonly node: string }
  | { readonly kind: 'subgraphInItself'; readonly node: string }
  /** Group nodes are only allowed on the canvas itself, not inside subgraphs. */
  | { readonly kind: 'groupInSubgraph'; readonly node: string }
  /** Subgraphs nested deeper than is supported. */
  | { readonly kind: 'tooDeep'; readonly node: string }
  /** Including everything inside subgraphs. */
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'noIdsLeft' };

/** The graph is broken, or too large to be run. */
export class NotConverted extends Error {
  constructor(readonly reason: NotConvertedReason) {
    super(`The graph cannot be converted: ${reason.kind}`);
  }
}
