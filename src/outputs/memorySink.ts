import * as l10n from '@vscode/l10n';
import { ApiError } from '../platform/errors';
import type { Folder, Sink } from '../platform/folder';

/** Receives one file into memory. */
export class MemorySink implements Pick<Folder, 'arrived' | 'receive' | 'discard'> {
  #room: Uint8Array;
  #size = 0;

  /** @param expected bytes, if known. @param most bytes. */
  constructor(
    expected: number | undefined,
    private readonly most: number,
  ) {
    if (expected !== undefined && expected > most) throw this.#tooLarge();
    this.#room = new Uint8Array(expected ?? 0);
  }

  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.#size);
  }

  arrived(): Promise<number> {
    return Promise.resolve(this.#size);
  }

  receive(_path: string, from: number): Promise<Sink> {
    this.#size = Math.min(from, this.#size);
    return Promise.resolve({
      write: (bytes) => Promise.resolve(bytes).then((part) => this.put(part)),
      close: () => Promise.resolve(),
    });
  }

  discard(): Promise<void> {
    this.#size = 0;
    return Promise.resolve();
  }

  /** @throws {ApiError} if it is too large. */
  put(bytes: Uint8Array): void {
    const size = this.#size + bytes.length;
    if (size > this.most) throw this.#tooLarge();
    if (size > this.#room.length) {
      const larger = new Uint8Array(Math.min(this.most, Math.max(size, 2 * this.#room.length)));
      larger.set(this.bytes);
      this.#room = larger;
    }
    this.#room.set(bytes, this.#size);
    this.#size = size;
  }

  #tooLarge(): ApiError {
    const megabytes = Math.floor(this.most / 1_000_000);
    return new ApiError(
      'refused',
      l10n.t('This file is larger than {0} MB. Use “Save Outputs…” to save it to your disk.', megabytes),
    );
  }
}
