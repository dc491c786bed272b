import type { Ending } from '../comfyui/ending';
import type { Submission } from '../comfyui/prompts';

/** What becomes of a workflow that was sent. */
export type Outcome =
  | Ending
  /** It ended well, and the history no longer says with what. */
  | { readonly kind: 'forgotten' }
  /** It did not begin. */
  | { readonly kind: 'takenOut' }
  /** It is neither in the queue nor in the history: ComfyUI was restarted, or somebody took it out. */
  | { readonly kind: 'lost' };

/** How one that was sent is known: to ComfyUI, and to its socket. */
export type Ids = Pick<Submission, 'promptId' | 'clientId'>;
