import { randomBytes } from 'node:crypto';
import { startComfyUi, type ComfyUi } from './comfyui/comfyUi';
import type { SimulatorClock } from './clock';
import type { SessionRecord } from './model';
import type { Tunnels } from './sessions';

/** A ComfyUI for every session, each on its own port and so with its own origin. */
export class ComfyUiTunnels implements Tunnels {
  readonly #running = new Map<string, ComfyUi>();

  constructor(
    private readonly clock: SimulatorClock,
    private readonly runsByClock: boolean,
  ) {}

  get(sessionId: string): ComfyUi | undefined {
    return this.#running.get(sessionId);
  }

  async open({ id, gpu }: SessionRecord): Promise<string> {
    const { clock, runsByClock } = this;
    const byClock = runsByClock ? { after: (ms: number, run: () => void) => clock.after(ms, run) } : {};
    const comfyUi = await startComfyUi({ gpu: gpu ?? 'CPU', now: () => clock.now(), ...byClock });
    this.#running.set(id, comfyUi);
    return comfyUi.url;
  }

  async close(sessionId: string): Promise<void> {
    const comfyUi = this.#running.get(sessionId);
    this.#running.delete(sessionId);
    await comfyUi?.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.close(id)));
  }
}

/** Addresses where nothing answers, for tests that never open them. */
export const noTunnels: Tunnels = {
  open: () => Promise.resolve(`https://${randomBytes(6).toString('hex')}.tunnel.invalid`),
  close: () => Promise.resolve(),
};
