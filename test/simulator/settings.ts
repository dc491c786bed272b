/** How the simulated service behaves; all times in milliseconds of its clock. */
export interface Settings {
  /** From the request to the container being called for. */
  readonly callMs: number;
  /** How long a create waits for that call before it answers without it. */
  readonly createWaitMs: number;
  /** From the request to ComfyUI being reachable; `null` never becomes reachable. */
  readonly startUpMs: number | null;
  /** From the request to stop to the end of the container, and of its cost. */
  readonly stopMs: number;
  readonly logs: 'available' | 'unavailable';
  /**
   * Whether a session that is ended before it has a container still gets one, as the real server has been seen to do.
   */
  readonly leaksEarlyCancels: boolean;
}

export const DEFAULT_SETTINGS: Settings = {
  callMs: 0,
  createWaitMs: 10_000,
  startUpMs: 4_000,
  stopMs: 2_000,
  logs: 'available',
  leaksEarlyCancels: false,
};
