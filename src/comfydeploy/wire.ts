import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { MachineId, SessionId, type Hosting, type Machine, type Prices, type Session, type UnreadField } from './model';
import { plainName } from '../platform/plainText';
import { wordsOf } from '../platform/escapes';
import { instant } from './instants';
import { doubtful, known, ListWire, optional, orElse, UNREAD } from '../platform/unread';
import { BILLIONTHS } from '../platform/units';

// The server's names, units and gaps, translated in one place. Enums stay open, unknown keys are ignored, and an
// optional field in an unknown form is undefined, so that a new GPU or field breaks nothing.

const SECONDS = 1000;

/** Some routes send seconds with a fraction instead. */
const moment = z.lazy(() =>
  z.union([
    instant,
    z.pipe(
      z.number(),
      z.transform((seconds) => Math.round(seconds * SECONDS)),
    ),
  ]),
);

/** The content has no fixed form: the caller parses it. */
export const StepsWire = z.lazy(() => z.looseObject({ docker_command_steps: z.optional(z.unknown()) }));

const SessionFields = z.lazy(() =>
  z.object({
    session_id: SessionId,
    gpu_event_id: optional(z.string()),
    url: doubtful(z.string()),
    gpu: z.string(),
    created_at: doubtful(instant),
    timeout: doubtful(z.number()),
    timeout_end: doubtful(instant),
    machine_id: doubtful(MachineId),
    machine_version_id: doubtful(z.string()),
    user_id: doubtful(z.string()),
  }),
);

/** Fields and phase are merged with `assign`: a spread is ten times as slow in the Node of older VS Codes. */
export const SessionWire = z.lazy(() =>
  z.pipe(
    SessionFields,
    z.transform((wire) => sessionOf(wire, unreadOf(wire))),
  ),
);
export type SessionFields = z.output<typeof SessionFields>;

export function sessionOf(wire: SessionFields, unread: readonly UnreadField[] = []): Session {
  const fields = {
    id: wire.session_id,
    gpuEventId: wire.gpu_event_id ?? wire.session_id, // it is not used in requests
    gpu: plainName(wire.gpu, '') || l10n.t('unknown GPU'),
    createdAt: known(wire.created_at),
    minutesAsked: known(wire.timeout),
    machineId: known(wire.machine_id),
    machineVersionId: known(wire.machine_version_id),
    userId: known(wire.user_id),
  };
  const phase = phaseOf(known(wire.timeout_end), known(wire.url));
  return unread.length === 0 ? Object.assign(fields, phase) : Object.assign(fields, { unread }, phase);
}

/** Fields that were sent and cannot be read: they count as unchanged if they were known before. */
function unreadOf(wire: SessionFields): readonly UnreadField[] {
  const fields = [
    ['createdAt', wire.created_at ?? UNREAD], // every session has one
    ['endsAt', wire.timeout_end],
    ['url', wire.url],
    ['minutesAsked', wire.timeout],
    ['machineId', wire.machine_id],
    ['machineVersionId', wire.machine_version_id],
    ['userId', wire.user_id],
  ] as const;
  return fields.flatMap(([name, value]) => (value === UNREAD ? [name] : []));
}

function phaseOf(endsAt: number | undefined, url: string | undefined) {
  if (endsAt === undefined) return { phase: 'undated', url } as const;
  return url ? ({ phase: 'ready', endsAt, url } as const) : ({ phase: 'starting', endsAt } as const);
}

const MachineFields = z.lazy(() =>
  z.object({
    id: MachineId,
    name: z.string(),
    type: z.string(),
    status: z.string(),
    gpu: optional(z.string()),
    /** The builder's version (`0.4.0`), which rebuilds do not change. Null before the first successful build. */
    machine_version: orElse(z.nullish(z.union([z.string(), z.number()])), undefined),
    machine_builder_version: optional(z.union([z.string(), z.number()])),
    machine_version_id: optional(z.string()),
    comfyui_version: optional(z.string()),
    updated_at: optional(instant),
  }),
);

export const MachineWire = z.lazy(() =>
  z.pipe(
    MachineFields,
    z.transform((wire) => machineOf(wire)),
  ),
);
export type MachineFields = z.output<typeof MachineFields>;

export function machineOf(wire: MachineFields): Machine {
  return {
    id: wire.id,
    name: plainName(wire.name),
    gpu: wire.gpu === undefined ? undefined : plainName(wire.gpu, '') || undefined,
    hosting: hostingOf(wire),
    status: wire.status,
    versionId: wire.machine_version_id,
    comfyUiVersion: wire.comfyui_version,
    version: wire.machine_version?.toString(),
    updatedAt: wire.updated_at,
  };
}

const SESSION_TYPE = 'comfy-deploy-serverless';
const OLDEST_BUILDER = 4;

function hostingOf(wire: MachineFields): Hosting {
  if (wire.type !== SESSION_TYPE) return { kind: 'unable', why: 'type', type: wire.type };
  const builder = wire.machine_builder_version;
  if (!(Number(builder) >= OLDEST_BUILDER)) return { kind: 'unable', why: 'builder', builder: builder?.toString() };
  // The server would accept these, and the session would never start.
  if (wire.status !== 'ready') return { kind: 'unable', why: 'status', status: wire.status };
  // Imported machines and workspaces claim to be ready before they are built.
  if (wire.machine_version === null) return { kind: 'unable', why: 'unbuilt' };
  return { kind: 'able' };
}

/** A bad price is left out: better unknown than wrong. */
export const PricesWire = z.lazy(() =>
  z.pipe(
    z.looseObject({}),
    z.transform((wire): Prices => {
      const prices = new Map<string, number>();
      for (const [gpu, perSecond] of Object.entries(wire)) {
        const price = typeof perSecond === 'number' ? Math.round(perSecond * BILLIONTHS) : NaN;
        if (Number.isSafeInteger(price) && price >= 0) prices.set(gpu, price);
      }
      return prices;
    }),
  ),
);

const Balance = z.lazy(() => z.object({ balance: doubtful(z.number()) }));
const Autumn = z.lazy(() => z.object({ features: optional(z.looseObject({})) }));

/**
 * What remains of the topped-up credit and of the plan's credit; undefined if the server keeps no account, or there is
 * no limit. Negative in overage. Cents, with a fraction.
 */
export const CreditWire = z.lazy(() =>
  z.pipe(
    z.object({ autumn_data: optional(Autumn) }),
    z.transform((wire): bigint | undefined => {
      const features = wire.autumn_data?.features ?? {};
      const balances = ['gpu-credit-topup', 'gpu-credit'].flatMap(
        (name) => z.safeParse(Balance, features[name]).data ?? [],
      );
      const cents = balances.map(({ balance }) => (typeof balance === 'number' ? balance : NaN));
      const sum = cents.reduce((total, one) => total + Math.round(one * (BILLIONTHS / 100)), 0);
      return cents.length > 0 && Number.isSafeInteger(sum) ? BigInt(sum) : undefined;
    }),
  ),
);

/**
 * Whether it is the free plan. If the billing service did not answer, the list of plans is empty too, which means
 * nothing.
 */
export const PlanWire = z.lazy(() =>
  z.pipe(
    z.object({ plans: z.object({ plans: z.array(z.unknown()), autumn_data: optional(z.looseObject({})) }) }),
    z.transform(({ plans }) => plans.plans.length === 0 && plans.autumn_data !== undefined),
  ),
);

export const CreatedWire = z.lazy(() => z.object({ session_id: SessionId }));

/** A billing row: one session or run on a machine within the last 24 h. */
export const MachineEventWire = z.lazy(() =>
  z.pipe(
    z.object({
      session_id: optional(SessionId),
      gpu: optional(z.string()),
      created_at: instant,
      start_time: optional(instant),
      end_time: optional(instant),
      user_id: optional(z.string()),
      /** Only ever seen as 0, even for what has run. In dollars, judging by its neighbours; see `trusted`. */
      cost: optional(z.number()),
    }),
    z.transform((wire) => ({
      sessionId: wire.session_id,
      cost: wire.cost,
      gpu: wire.gpu,
      createdAt: wire.created_at,
      startedAt: wire.start_time,
      endedAt: wire.end_time,
      userId: wire.user_id,
    })),
  ),
);
export type MachineEvent = z.output<typeof MachineEventWire>;

export const StartErrorWire = z.lazy(() =>
  z.pipe(
    z.object({ timestamp: optional(moment), logs: z.string() }),
    z.transform(({ timestamp, logs }) => ({ at: timestamp, text: wordsOf(logs) })),
  ),
);
export type StartError = z.output<typeof StartErrorWire>;

export const StartErrorsWire = z.lazy(() => z.object({ logs: ListWire }));

export const SignInWire = z.lazy(() => z.object({ api_key: z.string().check(z.minLength(1)) }));

export const ProfileWire = z.lazy(() =>
  z.pipe(
    z.object({
      username: optional(z.string()),
      first_name: optional(z.string()),
      last_name: optional(z.string()),
    }),
    z.transform(({ username, first_name, last_name }) => {
      const name = [first_name, last_name].filter(Boolean).join(' ') || username;
      return name ? plainName(name) : undefined;
    }),
  ),
);
