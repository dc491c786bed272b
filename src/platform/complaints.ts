import type { Logger } from './logger';
import { reasonOf } from './journal';

/** Logs each failure once, and again only if its reason changes or after a success. */
export class Complaints {
  readonly #said = new Map<string, string>();

  constructor(private readonly log: Pick<Logger, 'warn'>) {}

  say(what: string, error: unknown): void {
    const kind = kindOf(error);
    if (this.#said.get(what) === kind) return;
    this.#said.set(what, kind);
    this.log.warn(`${what}: ${reasonOf(error)}`);
  }

  /** It has succeeded. */
  withdraw(what: string): void {
    this.#said.delete(what);
  }
}

/** The message of a disk error names the file, which may be a different one each time. */
function kindOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : reasonOf(error);
}
