import type { Activity, SessionId, Work } from '../../src/comfydeploy/model';
import { decide } from '../../src/guardian/decide';
import type { GuardInput } from '../../src/guardian/guardInput';
import { NOTHING_SAID, type GuardState } from '../../src/guardian/guardState';
import { keepAlive, type Holds } from '../../src/guardian/keepAlive';
import type { GuardPreferences } from '../../src/sessions/preferences';
import { NO_SPENDING_LIMITS } from '../../src/spending/spendingLimits';
import { NOTHING_SPENT, NOW, ready } from './appState';
import { sessionId } from './setup';
import { NO_PREFERENCES, USUAL_SETTINGS } from './guardSettings';

export const rendering: Activity = { kind: 'rendering', queued: 0, since: NOW - 60_000 };
export const unknown: Activity = { kind: 'unknown' };
export const idleFor = (ms: number, now = NOW): Activity => ({ kind: 'idle', since: now - ms });

/** What was read of one session called `one`. */
export const work = (activity: Activity, readAt = NOW, id = 'one'): ReadonlyMap<SessionId, Work> =>
  new Map([[sessionId(id), { activity, vram: undefined, readAt }]]);

export const preferring = (preferences: Partial<GuardPreferences>) => ({
  preferencesOf: () => ({ ...NO_PREFERENCES, ...preferences }),
});

type Groups = 'presence' | 'audience' | 'guardSettings' | 'money';
/** What a test may set, without groups. */
export type Known = Omit<GuardInput, Groups> &
  GuardInput['presence'] &
  GuardInput['audience'] &
  GuardInput['guardSettings'] &
  GuardInput['money'];

/** A moment in which everything is known and nothing is preferred. */
export function guardInput(overrides: Partial<Known> = {}): GuardInput {
  const now = overrides.now ?? NOW;
  const known: Known = {
    ready: ready({ asOf: now }),
    now,
    localNow: now,
    work: new Map(),
    preferencesOf: () => NO_PREFERENCES,
    inUse: new Set(),
    saving: new Set(),
    spending: NOTHING_SPENT,
    spendingLimits: NO_SPENDING_LIMITS,
    isRead: true,
    away: undefined,
    warnAt: [15, 5, 1],
    watchOthers: false,
    keepAliveUpTo: 60,
    lease: USUAL_SETTINGS.lease,
    stagger: 0,
    addedByHand: () => 0,
    limitOf: () => undefined,
    ...overrides,
  };
  const { inUse, saving, isRead, away, warnAt, watchOthers, keepAliveUpTo, lease } = known;
  const { spending, spendingLimits, addedByHand, limitOf, ...rest } = known;
  return {
    ...rest,
    presence: { inUse, saving },
    audience: { isRead, away, warnAt },
    guardSettings: { watchOthers, keepAliveUpTo, lease },
    money: { spending, spendingLimits, addedByHand, limitOf },
  };
}

/** The same as input of a single policy. */
export const alone = (input: GuardInput) => ({ ...input, muted: new Set<SessionId>(), findings: [] });

/** One step of the policy that keeps renders alive, by itself. */
export function keepAliveStep(before: Holds, input: GuardInput) {
  const { state: holds, decisions, findings = [] } = keepAlive.step(before, alone(input));
  return { holds, decisions, held: new Set(findings.flatMap((one) => (one.kind === 'attended' ? [one.id] : []))) };
}

export type Endings = Pick<GuardState, 'countdowns' | 'spared'>;

/** The endings that the guardian asks for. */
export function endings(before: Partial<Endings>, input: GuardInput) {
  const { state, decisions } = decide({ ...NOTHING_SAID, ...before }, input);
  const { countdowns, spared } = state;
  return {
    countdowns,
    spared,
    decisions: decisions.filter((one) => one.kind === 'countdown' || one.kind === 'end'),
  };
}
