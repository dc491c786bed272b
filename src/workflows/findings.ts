import type { NotConvertedReason } from './notConverted';

/** What a check of a workflow has found, at one node. */
export interface Finding {
  /** As in the prompt; empty for the workflow as a whole. */
  readonly nodeId: string;
  readonly classType: string | undefined;
  readonly input: string | undefined;
  /** Under which `widgets_values` hold the input in a drawn workflow. */
  readonly valueKey?: string;
  readonly wrong: Wrong;
  /** The one value that is meant, or that is nearest of those which are allowed. */
  readonly fix?: Fix;
}

/** What is found at one place. */
export type Found = Pick<Finding, 'wrong' | 'fix'>;

/** A value as JSON, or that any seed will do. */
export type Fix = { readonly kind: 'value'; readonly json: string } | { readonly kind: 'seed' };

export type Wrong =
  /** @property isOrdered whether the machine is built with the package; undefined where nobody knows. */
  | { readonly kind: 'unknown'; readonly pack: string | undefined; readonly isOrdered: boolean | undefined }
  | { readonly kind: 'live' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'notInList'; readonly value: string }
  /** One of the files that are uploaded. */
  | { readonly kind: 'noFile'; readonly value: string }
  | { readonly kind: 'notANumber'; readonly value: string; readonly isWhole: boolean }
  | { readonly kind: 'tooSmall' | 'tooLarge'; readonly value: string; readonly limit: string }
  | { readonly kind: 'badLink' }
  /** @property origin which is not there, or has no such output. */
  | { readonly kind: 'noOrigin'; readonly origin: string }
  | { readonly kind: 'mismatch'; readonly given: string; readonly taken: string }
  | { readonly kind: 'circle' }
  | { readonly kind: 'noOutputs' }
  | { readonly kind: 'broken'; readonly reason: NotConvertedReason }
  /** Somebody else is paid for each run of it. */
  | { readonly kind: 'paid' }
  | { readonly kind: 'version'; readonly pack: string; readonly wanted: string; readonly found: string };

/** Whether a value is the file of a model, by its name. */
export function isModel(value: string): boolean {
  return /\.(?:safetensors|sft|ckpt|pth?|bin|gguf|onnx)$/i.test(value);
}
