import * as l10n from '@vscode/l10n';
import { backoff } from '../platform/backoff';
import { accountOf } from '../accounts/account';
import { ApiError, toApiError } from '../platform/errors';
import type { Intents } from './intents';
import { isOnGuard } from './ledger';
import type { Session } from '../comfydeploy/model';
import type { Clock } from '../platform/clock';
import type { Key } from '../accounts/keyRing';
import { problemOf, sessionsOf, type Problem, type Snapshot } from './snapshot';
import { NeverEnded } from '../platform/requestRounds';
import { HOUR, MINUTE } from '../platform/units';

const FIRST_RETRY = 5_000;
const LONGEST_RETRY = 300_000;
const LONGEST_RETRY_AFTER = HOUR;
/**
 * A server may not ask us to wait longer while something is billed, ending or looked for: the user would pay for the
 * wait.
 */
const LONGEST_ON_GUARD = MINUTE;

export interface Retrying {
  readonly clock: Pick<Clock, 'now'>;
  /** In [0, 1). */
  readonly random: () => number;
  readonly intents: Pick<Intents, 'state'>;
}

/**
 * The problem after a failed refresh: failures in a row, and when to retry. @param found sessions read in spite of the
 * failure.
 */
export function problemAfter(
  before: Snapshot,
  error: ApiError,
  { clock, random, intents }: Retrying,
  found: readonly Session[] = [],
): Problem {
  const isGuarded = isOnGuard([...sessionsOf(before), ...found], intents.state);
  const failures = (problemOf(before)?.failures ?? 0) + 1;
  const wait = backoff(failures, (1 + random()) / 2, FIRST_RETRY, LONGEST_RETRY);
  // A wrong address stays wrong until the setting changes.
  if (error.kind === 'misconfigured') return { error, failures, retryAt: undefined };
  const asked = Math.min(error.retryAfter ?? 0, LONGEST_RETRY_AFTER);
  return {
    error,
    failures,
    retryAt: clock.now() + Math.min(Math.max(wait, asked), isGuarded ? LONGEST_ON_GUARD : Infinity),
  };
}

/** Time until the next look, ms. A time further ahead than any wait was set before the clock was set back. */
export function untilRetry({ retryAt }: Problem, now: number): number | undefined {
  if (retryAt === undefined) return undefined;
  const rest = Math.max(0, retryAt - now);
  return rest > LONGEST_RETRY_AFTER ? 0 : rest;
}

/** Keeps what is known, with the reason why it may be old. */
export function withProblem(before: Snapshot, error: ApiError, retrying: Retrying): Snapshot {
  const problem = problemAfter(before, error, retrying);
  return before.kind === 'ready' ? { ...before, problem } : { kind: 'failed', problem };
}

/** A refresh that never ended, or threw something unexpected. */
export function asStuck(error: unknown): ApiError {
  if (!(error instanceof NeverEnded)) return toApiError(error);
  const message = l10n.t("VS Code's storage does not answer, so ComfyDeploy could not be asked.");
  return new ApiError('busy', message, { cause: error });
}

/** @param now server time, ms. */
export function reasonForRejection(key: Key | undefined, now: number): 'expired' | 'rejected' {
  const { expiresAt } = accountOf(key?.token ?? '');
  return expiresAt !== undefined && expiresAt <= now ? 'expired' : 'rejected';
}
