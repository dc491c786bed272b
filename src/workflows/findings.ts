import type { NotConvertedReason } from './notConverted';

/** One result of checking a workflow. */
export interface Finding {
  /** The id in the prompt; empty for the workflow as a whole. */
  readonly nodeId: string;
  readonly classType: string | undefined;
  readonly input: string | undefined;
  /** The key in `widgets_values` that holds the input of a drawn node. */
  readonly valueKey?: string;
  readonly wrong: Wrong;
  /** The value that was probably meant, or the nearest allowed one. */
  readonly fix?: Fix;
}

/** A result without its place. */
export type Found = Pick<Finding, 'wrong' | 'fix'>;

/** A value as JSON, or any seed. */
export type Fix = { readonly kind: 'value'; readonly json: string } | { readonly kind: 'seed' };

export type Wrong =
  /** @property isOrdered whether the machine is built with the package; undefined if not known. */
  | { readonly kind: 'unknown'; readonly pack: string | undefined; readonly isOrdered: boolean | undefined }
  | { readonly kind: 'live' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'notInList'; readonly value: string }
  /** A file that would have to be uploaded. */
  | { readonly kind: 'noFile'; readonly value: string }
  | { readonly kind: 'notANumber'; readonly value: string; readonly isWhole: boolean }
  | { readonly kind: 'tooSmall' | 'tooLarge'; readonly value: string; readonly limit: string }
  | { readonly kind: 'badLink' }
  /** @property origin a node that is missing, or has no such output. */
  | { readonly kind: 'noOrigin'; readonly origin: string }
  | { readonly kind: 'mismatch'; readonly given: string; readonly taken: string }
  | { readonly kind: 'circle' }
  | { readonly kind: 'noOutputs' }
  | { readonly kind: 'broken'; readonly reason: NotConvertedReason }
  /** Each run of it costs money elsewhere. */
  | { readonly kind: 'paid' }
  | { readonly kind: 'version'; readonly pack: string; readonly wanted: string; readonly found: string };

/** Whether a value is the file name of a model. */
export function isModel(value: string): boolean {
  return /\.(?:safetensors|sft|ckpt|pth?|bin|gguf|onnx)$/i.test(value);
}
