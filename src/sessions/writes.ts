import * as l10n from '@vscode/l10n';
import type { ComfyDeployClient } from '../comfydeploy/client';
import { ApiError, asSentence, toApiError } from '../platform/errors';
import type { Permit } from '../platform/http';
import { bothOf, type Acts } from './acts';
import type { Intents } from './intents';
import type { LedgerState, OpenExtension } from './ledger';
import type { Session, SessionId } from '../comfydeploy/model';
import { Ages } from '../platform/age';
import { sleep, type Clock } from '../platform/clock';
import type { ServerTime } from '../platform/serverTime';
import { MINUTE } from '../platform/units';

/** The server computes deadlines in microseconds, and some time may pass between its read and its write, ms. */
const TOLERANCE = 5_000;
/** A window may be reading, sending and reading back this long, ms. */
const IN_HAND = 90_000;
const LOOK_AGAIN = 500;
/** Leaves time to read the session first, and ends well before other windows take their turn. */
const LEAVES_WITHIN = MINUTE;

/** What an extension did, read back from the server. */
export interface Extension {
  readonly session: Session;
  /** Another window was faster: nothing was sent. */
  readonly wasThere: boolean;
}

export interface ExtensionsOptions {
  readonly api: Pick<ComfyDeployClient, 'getSession' | 'increaseTimeout' | 'increaseTimeoutOfOldMachine'>;
  readonly intents: Pick<Intents, 'state' | 'read' | 'claim' | 'note'>;
  readonly acts: Pick<Acts, 'decide'>;
  readonly clock: Clock;
  readonly serverTime: Pick<ServerTime, 'now' | 'isSure'>;
}

interface ExtensionRequest {
  readonly id: SessionId;
  readonly to: Target;
  readonly permit: Permit;
}

/** The wanted end: so many minutes after the one that was shown, or a time. */
type Target = { readonly minutes: number; /** As the user saw it. */ readonly shown: Session | undefined } | Moved;

/** Server time, ms; the end is never moved beyond it. */
export interface Moved {
  readonly until: number;
}

/** Moves deadlines to where the user wants them. Windows take turns, so pressing in two windows moves the end once. */
export class Extensions {
  readonly #ages: Ages;

  constructor(private readonly options: ExtensionsOptions) {
    this.#ages = new Ages(options.clock);
  }

  /** @throws {ApiError} if the deadline did not move. */
  async extend(request: ExtensionRequest, signal?: AbortSignal): Promise<Extension> {
    const { intents } = this.options;
    const claim = { intent: crypto.randomUUID(), sessionId: request.id };
    const inTime = await this.#takeTurn(claim, signal);
    try {
      const extension = await this.#moveTo({ ...request, permit: bothOf(request.permit, inTime) }, signal);
      await intents.note({ kind: 'extendSettled', ...claim });
      return extension;
    } catch (error) {
      await intents.note({ kind: error instanceof Unproven ? 'extendLost' : 'extendSettled', ...claim });
      throw error;
    }
  }

  /** A session whose deadline has been read shows the outcome of its extension. */
  async settle(seen: readonly Session[]): Promise<void> {
    const { intents } = this.options;
    if (intents.state.extensions.size === 0) return;
    for (const { id } of seen) {
      const open = intents.state.extensions.get(id);
      if (!open || !this.#isOver(open)) continue;
      await intents.note({ kind: 'extendSettled', intent: open.intent, sessionId: id });
    }
  }

  /** The turn lasts for a limited time, which the permit enforces. */
  async #takeTurn(
    claim: { readonly intent: string; readonly sessionId: SessionId },
    signal?: AbortSignal,
  ): Promise<Permit> {
    const { acts, api, intents, clock, serverTime } = this.options;
    const isFree = ({ extensions }: LedgerState) => {
      const other = extensions.get(claim.sessionId);
      return other === undefined || this.#isOver(other);
    };
    for (;;) {
      const inTime = acts.decide({ lasts: LEAVES_WITHIN });
      if (await intents.claim({ kind: 'extendAsked', ...claim, at: serverTime.now() }, isFree)) return inTime;
      if (!serverTime.isSure) await api.getSession(claim.sessionId, signal); // its answer contains the server's time
      await sleep(clock, LOOK_AGAIN, signal);
    }
  }

  /** With a clock that was just set, another window's current work would look long over. */
  #isOver({ intent, isLost, at }: OpenExtension): boolean {
    const { serverTime } = this.options;
    return isLost || (serverTime.isSure && this.#ages.of(intent, at, serverTime.now()) > IN_HAND);
  }

  /** Reads, writes and reads back: the API's success proves nothing, and a lost answer does not mean failure. */
  async #moveTo({ id, to, permit }: ExtensionRequest, signal?: AbortSignal): Promise<Extension> {
    const { api } = this.options;
    const before = await api.getSession(id, signal);
    const shown = 'shown' in to ? to.shown : undefined;
    const remaining = remainingTo(to, before);
    if (remaining <= 0) return { session: before, wasThere: true };

    // Without a deadline from the start, or only now because it is stopping?
    const lost = await this.#add(before, remaining, permit, shown?.phase === 'undated');
    const session = await api.getSession(id).catch((error: unknown) => {
      throw unproven(toApiError(error));
    });
    const hasMoved = reachOf(session) - reachOf(before) >= remaining * MINUTE - TOLERANCE;
    if (hasMoved) return { session, wasThere: false };
    throw lost ?? new ApiError('refused', l10n.t('ComfyDeploy accepted the extension, but the end did not move.'));
  }

  /**
   * Returns the failure that left it open whether the extension happened. Takes no signal: an aborted write may still
   * happen.
   */
  async #add(before: Session, minutes: number, permit: Permit, isOld: boolean): Promise<ApiError | undefined> {
    const { api } = this.options;
    try {
      await api.increaseTimeout(before.id, minutes, { permit });
      return undefined;
    } catch (error) {
      const failure = toApiError(error);
      if (failure.outcomeUnknown) return failure;
      if (!isOld || before.phase !== 'undated' || !isNoDeadline(failure)) throw failure;
    }
    await api.increaseTimeoutOfOldMachine(before, minutes, { permit });
    return undefined;
  }
}

/** It is not known whether the deadline moved. */
export class Unproven extends ApiError {}

/** Whole minutes: rounded up for what the user asked for, rounded down for what the guardian does. */
function remainingTo(to: Target, before: Session): number {
  if ('until' in to) return 'endsAt' in before ? Math.floor((to.until - reachOf(before) + TOLERANCE) / MINUTE) : 0;
  return Math.ceil((baseOf(before, to.shown) + to.minutes * MINUTE - TOLERANCE - reachOf(before)) / MINUTE);
}

/** How far a session reaches, ms: a time if it has a deadline, a length if the server keeps none. */
function reachOf(session: Session): number {
  return 'endsAt' in session ? session.endsAt : (session.minutesAsked ?? 0) * MINUTE;
}

/** The end that the user saw counts, unless the server's is earlier or of another kind. */
function baseOf(before: Session, shown: Session | undefined): number {
  const isComparable = shown !== undefined && 'endsAt' in shown === 'endsAt' in before;
  return isComparable ? Math.min(reachOf(shown), reachOf(before)) : reachOf(before);
}

function unproven(failure: ApiError): ApiError {
  if (!failure.outcomeUnknown) return failure;
  const message = l10n.t(
    '{0} The session may have been extended. Check when it ends before you try again.',
    asSentence(failure.message),
  );
  return new Unproven(failure.kind, message, { cause: failure });
}

function isNoDeadline({ kind, message }: ApiError): boolean {
  // eslint-disable-next-line texts/marked -- the server's words
  return kind === 'missing' && message.startsWith('Timeout end not found');
}
