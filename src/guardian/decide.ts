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

/** What to announce and do now. Nothing while the snapshot is too old: after sleep everything looks overdue. */
export function decide(before: GuardState, input: GuardInput): Verdict {
  if (!isTrustworthy(input.ready, input.localNow)) return { state: before, decisions: [] };
  const alive = new Set(input.ready.sessions.map(({ id }) => id));
  const muted = new Set([...before.muted].filter((id) => alive.has(id)));
  return askAll({ ...before, muted }, input);
}

/** Runs the policies in order, each with the findings of those before it. */
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
 * Whether an end may still be sent: the current state leads to the same decision, and nothing has run since.
 * @param decidedAt server time, ms.
 */
export function isEndStillRight(
  { session, why }: Pick<End, 'session' | 'why'>,
  state: GuardState,
  input: GuardInput,
  decidedAt: number,
): boolean {
  // The session is shown as ending, since its end is being requested.
  const others = input.ready.sessions.filter(({ id }) => id !== session.id);
  const { findings } = askAll(state, { ...input, ready: { ...input.ready, sessions: [...others, session] } });
  return findings.some(
    (one) => one.kind === 'endDue' && one.session.id === session.id && one.why === why && one.idleSince <= decidedAt,
  );
}

/** The user keeps the session: the new state, and the preferences that no longer apply. */
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

/** A snapshot younger than this, ms, is not fetched again before a warning. */
const JUST_NOW = 3_000;

export interface WorthALookInput {
  readonly snapshot: Snapshot;
  /** Local clock, ms. */
  readonly localNow: number;
}

/** Whether to refresh before a warning: another editor may have moved the end. */
export function isWorthALook(planned: readonly Decision[], { snapshot, localNow }: WorthALookInput): boolean {
  if (snapshot.kind !== 'ready' || !isOlder(snapshot.asOf, JUST_NOW, localNow)) return false;
  return planned.some(({ kind }) => kind === 'warn');
}

/** How long until time alone may make something due, ms; Infinity if never. */
export function untilDue(state: GuardState, input: GuardInput): number {
  const moments = ALL.flatMap((policy) => policy.nextAt(state[policy.id], input));
  return Math.min(...moments.map((at) => at - input.now).filter((ms) => ms > 0));
}
