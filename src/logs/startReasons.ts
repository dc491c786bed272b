import type { ComfyDeployClient } from '../comfydeploy/client';
import type { StartError } from '../comfydeploy/wire';
import { atMost, type Clock } from '../platform/clock';
import { readReason, saysWhy, namesFailure, type FailedStart, type StartReason } from '../sessions/startReason';
import type { Logs } from './logs';

export interface StartReasonsOptions {
  readonly api: Pick<ComfyDeployClient, 'listStartErrors'>;
  readonly logs: Pick<Logs, 'follow'>;
  readonly clock: Clock;
}

/** Tolerance between the container's clock, by which it records its error, and the server's times, ms. */
const SLACK = 10_000;
/** The longest wait for the second source, ms. */
const PATIENCE = 5_000;

/**
 * Why starts failed: from their logs, which are deleted ten minutes later, or from what their containers recorded,
 * which is kept for four hours.
 */
export class StartReasons {
  constructor(private readonly options: StartReasonsOptions) {}

  /** For a start that is known to have failed; undefined if nothing says why. Never rejects. */
  of(start: FailedStart): Promise<StartReason | undefined> {
    return this.#look(start, () => true);
  }

  /** For a start that may have failed or been ended elsewhere: only a proof of failure counts. */
  proofOf(start: FailedStart): Promise<StartReason | undefined> {
    return this.#look(start, namesFailure);
  }

  async #look(start: FailedStart, isRevealing: typeof namesFailure): Promise<StartReason | undefined> {
    const { logs, clock } = this.options;
    const followed = logs.follow(start.id, () => undefined);
    try {
      const words = await readReason(followed.log, clock);
      if (words !== undefined && isRevealing(followed.log.lines)) return { source: 'log', words };
    } finally {
      followed.dispose();
    }
    const left = await this.#leftBy(start);
    return left === undefined ? undefined : { source: 'container', words: left };
  }

  async #leftBy({ versionId, from, to }: FailedStart): Promise<string | undefined> {
    if (versionId === undefined) return undefined;
    let errors: readonly StartError[] = [];
    const asking = this.options.api.listStartErrors(versionId).then(
      (answer) => void (errors = answer),
      () => undefined, // then there is one source less
    );
    await atMost(this.options.clock, PATIENCE, asking);
    const own = errors.findLast(({ at }) => at !== undefined && at >= from - SLACK && at <= to + SLACK);
    return own && saysWhy(own.text);
  }
}
