import { parseUrl } from '../platform/baseUrl';
import type { Clock } from '../platform/clock';
import { frameVerdict, type Embedder, type FrameVerdict } from './frameVerdict';

export interface ProbeWeb {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
}

/** A ComfyUI that is loading a model may not answer for a long time, ms. */
const PATIENCE = 30_000;

/**
 * Requests the headers of a session's page: sends no key, follows no redirect, stores nothing.
 * @throws the signal's reason when it fires first.
 */
export async function lookAtPage(
  address: string,
  embedder: Embedder,
  { fetch, clock }: ProbeWeb,
  signal: AbortSignal,
): Promise<FrameVerdict> {
  const patience = new AbortController();
  const alarm = clock.after(PATIENCE, () => patience.abort());
  try {
    const { status, headers } = await fetch(address, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.any([signal, patience.signal]),
    });
    const isRedirect = status >= 300 && status < 400;
    if (isRedirect && leadsElsewhere(address, headers.get('location'))) return { kind: 'leadsElsewhere' };
    return frameVerdict(headers, status, embedder);
  } catch {
    signal.throwIfAborted();
    return { kind: patience.signal.aborted ? 'silent' : 'unreachable' };
  } finally {
    alarm.dispose();
  }
}

/** Our frame may load one origin only. */
function leadsElsewhere(address: string, location: string | null): boolean {
  return location !== null && parseUrl(location, address)?.origin !== new URL(address).origin;
}
