import type { SessionId } from '../comfydeploy/model';
import { isOlder } from '../platform/age';
import type { PreferencesChange } from '../sessions/preferences';
import type { Snapshot } from '../sessions/snapshot';
import type { End } from './countdown';
import type { Finding, GuardInput } from './guardInput';
import type { GuardState } from './guardState';
import { isTrustworthy } from './ladder';
import { POLICIES as ALL, type Decision } from './policies';
import type { KeepInput } from './policy';

export interface Verdict {
  readonly state: GuardState;
  readonly decisions: readonly Decision[];
}

/** What is to be said and done now. Nothing is, before the state is known: after a sleep everything looks overdue. */
export function decide(before: GuardState, input: GuardInput): Verdict {
  if (!isTrustworthy(input.ready, input.localNow)) return { state: before, decisions: [] };
  const alive = new Set(input.ready.sessions.map(({ id }) => id));
  const muted = new Set([...before.muted].filter((id) => alive.has(id)));
  return askAll({ ...before, muted }, input);
}

/** Each policy in its turn, with what those before it have found. */
function askAll(before: GuardState, input: GuardInput): Verdict & { readonly findings: readonly Finding[] } {
  let state = before;
  const decisions: Decision[] = [];
  const findings: Finding[] = [];
  for (const policy of ALL) {
    const step = policy.step(state[policy.id], { ...input, muted: before.muted, findings });
    state = { ...state, [policy.id]: step.state };
    decisions.push(...step.decisions);
    findings.push(...(step.findings ?? []));
  }
  return { state, decisions, findings };
}

/**
 * Whether an end that was decided may leave: by what is known now it would be decided again, and nothing ran since.
 * @param decidedAt server time, ms.
 */
export function isEndStillRight(
  { session, why }: Pick<End, 'session' | 'why'>,
  state: GuardState,
  input: GuardInput,
  decidedAt: number,
): boolean {
  // Its end is asked for already, so that it is shown as ending.
  const others = input.ready.sessions.filter(({ id }) => id !== session.id);
  const { findings } = askAll(state, { ...input, ready: { ...input.ready, sessions: [...others, session] } });
  return findings.some(
    (one) => one.kind === 'endDue' && one.session.id === session.id && one.why === why && one.idleSince <= decidedAt,
  );
}

/** The user needs it: what is remembered of that, and what is wanted no longer. */
export function keep(
  before: GuardState,
  id: SessionId,
  input: KeepInput,
): { readonly state: GuardState; readonly change: PreferencesChange } {
  let state = before;
  let change: PreferencesChange = {};
  for (const policy of ALL) {
    const kept = policy.keep?.(state[policy.id], id, input);
    if (!kept) continue;
    state = { ...state, [policy.id]: kept.state };
    change = { ...change, ...kept.change };
  }
  return { state, change };
}

/** An end that was read so lately is announced as it is. */
const JUST_NOW = 3_000;

export interface WorthALookInput {
  readonly snapshot: Snapshot;
  /** Local clock, ms. */
  readonly localNow: number;
}

/** Another editor may have moved an end since it was read: what that makes needless is not said. */
export function isWorthALook(planned: readonly Decision[], { snapshot, localNow }: WorthALookInput): boolean {
  if (snapshot.kind !== 'ready' || !isOlder(snapshot.asOf, JUST_NOW, localNow)) return false;
  return planned.some(({ kind }) => kind === 'warn');
}

/** How long until something may become due by the mere passing of time, ms; infinite if nothing will. */
export function untilDue(state: GuardState, input: GuardInput): number {
  const moments = ALL.flatMap((policy) => policy.nextAt(state[policy.id], input));
  return Math.min(...moments.map((at) => at - input.now).filter((ms) => ms > 0));
}
