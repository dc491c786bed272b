/** Rows as the server writes them. */
export type Wire = Readonly<Record<string, unknown>>;

/** The server's usual way to write a time: UTC, microseconds, no zone. */
export const naive = (at: number): string => `${new Date(at).toISOString().slice(0, -1)}000`;

export const sessionUrl = (id: string): string => `https://${id}.tunnel.test/`;

/** A ready session of ours that began just now and has 30 minutes. */
export function sessionWire(id: string, now: number, overrides: Wire = {}): Wire {
  return {
    id,
    session_id: id,
    gpu_event_id: `event-of-${id}`,
    url: sessionUrl(id),
    gpu: 'A10G',
    created_at: naive(now),
    timeout: 30,
    timeout_end: naive(now + 30 * 60_000),
    machine_id: 'machine-1',
    machine_version_id: null,
    status: 'running', // the server always says so, whatever the truth
    user_id: 'user-me',
    org_id: 'None',
    ...overrides,
  };
}

export function machineWire(overrides: Wire = {}): Wire {
  return {
    id: 'machine-1',
    user_id: 'user-me',
    name: 'Workhorse',
    created_at: '2029-12-01T00:00:00.000001',
    updated_at: '2029-12-31T11:00:00',
    type: 'comfy-deploy-serverless',
    org_id: null,
    status: 'ready',
    gpu: 'A10G',
    machine_version: '0.4.0',
    machine_builder_version: '4',
    comfyui_version: '0123456789abcdef',
    import_failed_logs: null,
    machine_version_id: null,
    is_workspace: false,
    ...overrides,
  };
}

/** A session of ours in its machine's events. Server times, ms; it still runs if there is no end. */
export const eventWire = (id: string, start: number, end: number | undefined, more: Wire = {}): Wire => ({
  session_id: id,
  gpu: 'A10G',
  created_at: naive(start - 10),
  start_time: naive(start),
  end_time: end === undefined ? null : naive(end),
  user_id: 'user-me',
  cost: 0,
  ...more,
});
