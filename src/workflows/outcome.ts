import type { Ending } from '../comfyui/ending';
import type { Submission } from '../comfyui/prompts';

/** The result of a workflow that was sent. */
export type Outcome =
  | Ending
  /** It succeeded, but its outputs are no longer in the history. */
  | { readonly kind: 'forgotten' }
  /** It was removed from the queue before it began. */
  | { readonly kind: 'takenOut' }
  /** It is neither in the queue nor in the history: ComfyUI was restarted, or somebody removed it. */
  | { readonly kind: 'lost' };

/** Its ids, for ComfyUI and for its socket. */
export type Ids = Pick<Submission, 'promptId' | 'clientId'>;
