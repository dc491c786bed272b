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

/** A container writes its error down by its own clock, and a moment before or after the server is told, ms. */
const SLACK = 10_000;
/** Nobody waits longer for the second source. */
const PATIENCE = 5_000;

/** Why starts failed: by their logs, which are gone ten minutes later, or by what their containers left, kept for four hours. */
export class StartReasons {
  constructor(private readonly options: StartReasonsOptions) {}

  /** Of a start that is known to have failed; undefined where nothing says why. Never rejects. */
  of(start: FailedStart): Promise<StartReason | undefined> {
    return this.#look(start, () => true);
  }

  /** The same where it is not known whether it failed or was ended elsewhere: only what shows a failure counts. */
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
      () => undefined, // one source less
    );
    await atMost(this.options.clock, PATIENCE, asking);
    const own = errors.findLast(({ at }) => at !== undefined && at >= from - SLACK && at <= to + SLACK);
    return own && saysWhy(own.text);
  }
}
