import { planOf } from '../../../src/comfyui/plan';
import { named, posted, trackingOf } from '../../../src/comfyui/progress';
import { slow } from '../../fakes/prompts';

export const ID = 'mine';
export const PLAN = planOf(slow(1));
export const started = named(posted(trackingOf(ID)), ID);

export interface ServerMessage {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}
export const status = (n: number): ServerMessage => ({
  type: 'status',
  data: { status: { exec_info: { queue_remaining: n } } },
});
