import type { ComfyDeployClient } from '../comfydeploy/client';
import { Emitter, type Disposable } from '../platform/emitter';

/** Names of the people whose sessions are seen, each asked for once. */
export class Directory implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #names = new Map<string, string | undefined>();

  constructor(private readonly api: Pick<ComfyDeployClient, 'getUserName'>) {}

  /** The name, or undefined while it is unknown; asking makes it known later. */
  readonly nameOf = (userId: string): string | undefined => {
    if (!this.#names.has(userId)) void this.#learn(userId);
    return this.#names.get(userId);
  };

  reset(): void {
    this.#names = new Map();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #learn(userId: string): Promise<void> {
    const names = this.#names;
    names.set(userId, undefined);
    // A profile is decoration: without one the row shows the id.
    const name = await this.api.getUserName(userId).catch(() => undefined);
    if (name === undefined) return;
    names.set(userId, name);
    if (names === this.#names) this.#changed.fire();
  }
}
