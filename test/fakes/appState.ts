import type { Hosting, Machine, Prices, Session, SessionId } from '../../src/comfydeploy/model';
import { NO_SPENDING_LIMITS } from '../../src/spending/spendingLimits';
import type { Spending } from '../../src/spending/spending';
import type { Recent } from '../../src/outputs/sessionOutputs';
import type { AppState } from '../../src/appState';
import type { Ready } from '../../src/sessions/snapshot';
import { machineId, sessionId } from './setup';
import { NO_PREFERENCES, USUAL_SETTINGS } from './guardSettings';

export const NOW = Date.UTC(2030, 0, 1, 12);
export const MINUTE = 60_000;
export const PRICES: Prices = new Map([
  ['A10G', 337_000],
  ['CPU', 42_000],
]);

/** A known state, without a server. */
export function machine(id: string, overrides: Partial<Omit<Machine, 'id'>> = {}): Machine {
  return {
    id: machineId(id),
    name: `Machine ${id}`,
    gpu: 'A10G',
    hosting: { kind: 'able' },
    status: 'ready',
    versionId: undefined,
    comfyUiVersion: undefined,
    version: undefined,
    updatedAt: NOW - MINUTE,
    ...overrides,
  };
}

export const NO_SESSIONS: Hosting = { kind: 'unable', why: 'type', type: 'classic' };

export interface SessionLook {
  readonly phase?: Session['phase'];
  readonly gpu?: string;
  readonly on?: string | undefined;
  readonly by?: string | undefined;
  /** Minutes. */
  readonly left?: number;
  readonly url?: string;
}

export function session(id: string, look: SessionLook = {}): Session {
  const { phase = 'ready', gpu = 'A10G', left = 30, url = `https://${id}.tunnel.test/` } = look;
  const endsAt = NOW + left * MINUTE;
  const input = {
    id: sessionId(id),
    gpuEventId: `event-of-${id}`,
    gpu,
    createdAt: NOW - 10 * MINUTE,
    minutesAsked: 40,
    machineId: 'on' in look && look.on === undefined ? undefined : machineId(look.on ?? 'one'),
    machineVersionId: undefined,
    userId: 'by' in look ? look.by : 'user-me',
  };
  switch (phase) {
    case 'starting':
      return { ...input, phase, endsAt };
    case 'ready':
      return { ...input, phase, endsAt, url };
    case 'undated':
      return { ...input, phase, url: look.url };
    case 'ending':
      return { ...input, phase };
  }
}

export function ready(overrides: Partial<Ready> = {}): Ready {
  return {
    kind: 'ready',
    account: { userId: 'user-me', orgId: undefined, expiresAt: undefined },
    scope: '811c9dc5',
    keySource: 'stored',
    machines: [machine('one')],
    sessions: [],
    asOf: NOW,
    skipped: [],
    ...overrides,
  };
}

export const NOTHING_SPENT: Spending = {
  dayStart: Date.UTC(2030, 0, 1),
  monthStart: Date.UTC(2030, 0, 1),
  today: 0n,
  month: 0n,
  aheadToday: 0n,
  aheadMonth: 0n,
  sessions: new Map(),
  of: () => 0n,
  isPartial: false,
  balance: undefined,
  pricesAsOf: NOW,
};

/** Everything any reader may need, settings included; each test picks what it reads. */
export interface KnownState extends AppState {
  readonly outputsOf: (id: SessionId) => Recent;
  readonly showUnavailable: boolean;
  readonly warnAt: readonly number[];
  readonly watchOthers: boolean;
}

export function appState(overrides: Partial<KnownState> = {}): KnownState {
  return {
    snapshot: ready(),
    now: NOW,
    localNow: NOW,
    work: new Map(),
    outputsOf: () => ({ kind: 'unknown' }),
    preferencesOf: () => NO_PREFERENCES,
    countdowns: new Map(),
    saving: new Set(),
    prices: PRICES,
    spending: NOTHING_SPENT,
    limits: {
      spendingLimits: NO_SPENDING_LIMITS,
      lease: USUAL_SETTINGS.lease,
      planMinutes: Infinity,
      savesOutputs: false,
    },
    nameOf: () => undefined,
    history: { receiptOf: () => undefined, hasFailedStart: () => false },
    showUnavailable: true,
    warnAt: [],
    watchOthers: false,
    ...overrides,
  };
}
