import type { Logger } from './logger';
import { reasonOf } from './journal';

/** Says once what fails, and again only when it fails for another reason, or after it went well. */
export class Complaints {
  readonly #said = new Map<string, string>();

  constructor(private readonly log: Pick<Logger, 'warn'>) {}

  say(what: string, error: unknown): void {
    const kind = kindOf(error);
    if (this.#said.get(what) === kind) return;
    this.#said.set(what, kind);
    this.log.warn(`${what}: ${reasonOf(error)}`);
  }

  /** It went well. */
  withdraw(what: string): void {
    this.#said.delete(what);
  }
}

/** A disk names the file, too, and that may be another one each time. */
function kindOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : reasonOf(error);
}
