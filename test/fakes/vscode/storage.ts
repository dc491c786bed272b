import type * as vscode from 'vscode';
import { Emitter } from '../../../src/platform/emitter';

/** The system's keyring, with what another window may do to it. */
export class FakeSecrets implements vscode.SecretStorage {
  readonly #changed = new Emitter<vscode.SecretStorageChangeEvent>();
  readonly onDidChange = this.#changed.event;
  readonly kept = new Map<string, string>();
  /** Some systems have no keyring: they accept a secret without an error and lose it. */
  isForgetful = false;
  /** The keys in use by their servers. */
  get inUse(): Readonly<Record<string, string>> {
    const slot = /^comfydeploy\.key /;
    return Object.fromEntries(
      [...this.kept].flatMap(([key, value]) => (slot.test(key) ? [[key.replace(slot, ''), value]] : [])),
    );
  }

  /** A locked keyring, or one that is broken: nothing can be read, kept or removed. */
  isLocked = false;
  /** It waits for its password and never answers. */
  isSilent = false;

  get(key: string): Promise<string | undefined> {
    if (this.isSilent) return new Promise(() => undefined);
    return this.isLocked ? locked() : Promise.resolve(this.kept.get(key));
  }

  store(key: string, value: string): Promise<void> {
    if (this.isLocked) return locked();
    if (!this.isForgetful) this.kept.set(key, value);
    this.#changed.fire({ key });
    return Promise.resolve();
  }

  /** Another window changed something, so that the extension reads again. */
  touch(): void {
    for (const key of this.kept.keys()) this.#changed.fire({ key });
  }

  delete(key: string): Promise<void> {
    if (this.isLocked) return locked();
    this.kept.delete(key);
    this.#changed.fire({ key });
    return Promise.resolve();
  }
}

function locked(): Promise<never> {
  return Promise.reject(new Error('The name org.freedesktop.secrets was not provided by any .service files'));
}

export class FakeMemento implements vscode.Memento {
  readonly #values = new Map<string, unknown>();

  keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  get(key: string): never {
    return this.#values.get(key) as never;
  }

  update(key: string, value: unknown): Promise<void> {
    this.#values.set(key, value);
    return Promise.resolve();
  }
}
