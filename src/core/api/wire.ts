import * as z from 'zod/mini';
import { MachineId, SessionId, type Hosting, type Machine, type Prices, type Session } from '../model';
import { plainName } from '../plainText';
import { wordsOf } from './escapes';
import { parseInstant } from './instant';

// The server's spelling, units and gaps, translated once. Enums stay open and unknown keys are ignored,
// so that tomorrow's GPU or field breaks nothing.

const instant = z.lazy(() =>
  z.pipe(
    z.string(),
    z.transform((text, context) => {
      const at = parseInstant(text);
      if (at !== undefined) return at;
      context.issues.push({ code: 'custom', message: 'not a time', input: text });
      return z.NEVER;
    }),
  ),
);

/** What may be missing or null, as undefined. */
export const optional = <S extends z.core.SomeType>(schema: S) =>
  z.pipe(
    z.nullish(schema),
    z.transform((value) => value ?? undefined),
  );

const SessionFields = z.lazy(() =>
  z.object({
    session_id: SessionId,
    gpu_event_id: z.string(),
    url: optional(z.string()),
    gpu: z.string(),
    created_at: instant,
    timeout: optional(z.number()),
    timeout_end: optional(instant),
    machine_id: optional(MachineId),
    machine_version_id: optional(z.string()),
    user_id: optional(z.string()),
  }),
);

/** The facts and the phase are put together by `assign`: a spread costs the Node of older VS Codes ten times as much. */
export const SessionWire = z.lazy(() =>
  z.pipe(
    SessionFields,
    z.transform((wire): Session => {
      const facts = {
        id: wire.session_id,
        gpuEventId: wire.gpu_event_id,
        gpu: plainName(wire.gpu),
        createdAt: wire.created_at,
        timeout: wire.timeout,
        machineId: wire.machine_id,
        machineVersionId: wire.machine_version_id,
        userId: wire.user_id,
      };
      return Object.assign(facts, phaseOf(wire));
    }),
  ),
);

function phaseOf({ timeout_end: endsAt, url }: z.output<typeof SessionFields>) {
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
    machine_version: optional(z.number()),
    machine_builder_version: optional(z.union([z.string(), z.number()])),
    machine_version_id: optional(z.string()),
    comfyui_version: optional(z.string()),
    updated_at: instant,
  }),
);

export const MachineWire = z.lazy(() =>
  z.pipe(
    MachineFields,
    z.transform((wire): Machine => ({
      id: wire.id,
      name: plainName(wire.name),
      gpu: wire.gpu === undefined ? undefined : plainName(wire.gpu),
      hosting: hostingOf(wire),
      status: wire.status,
      versionId: wire.machine_version_id,
      comfyUiVersion: wire.comfyui_version,
      version: wire.machine_version,
      updatedAt: wire.updated_at,
    })),
  ),
);

const SESSION_TYPE = 'comfy-deploy-serverless';
const OLDEST_BUILDER = 4;

function hostingOf(wire: z.output<typeof MachineFields>): Hosting {
  if (wire.type !== SESSION_TYPE) return { kind: 'unable', why: 'type', type: wire.type };
  const builder = wire.machine_builder_version;
  if (!(Number(builder) >= OLDEST_BUILDER)) return { kind: 'unable', why: 'builder', builder: builder?.toString() };
  // The server would accept these, and the session would never start.
  if (wire.status !== 'ready') return { kind: 'unable', why: 'status', status: wire.status };
  return { kind: 'able' };
}

const BILLIONTHS = 1e9;

/** A bad price is left out: an unknown price is honest, a wrong one is not. */
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

const BILLIONTHS_PER_CENT = 1e7;
const Balance = z.lazy(() => z.object({ balance: z.number() }));

/** What is left of what was topped up and of what the plan includes; undefined where the server keeps no account. */
export const CreditWire = z.lazy(() =>
  z.pipe(
    z.object({ autumn_data: z.nullish(z.object({ features: z.nullish(z.looseObject({})) })) }),
    z.transform((wire): bigint | undefined => {
      const features = wire.autumn_data?.features ?? {};
      const cents = ['gpu-credit-topup', 'gpu-credit'].flatMap(
        (name) => z.safeParse(Balance, features[name]).data?.balance ?? [],
      );
      const sum = cents.reduce((total, one) => total + Math.round(one * BILLIONTHS_PER_CENT), 0);
      return cents.length > 0 && Number.isSafeInteger(sum) ? BigInt(sum) : undefined;
    }),
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
      /** Seen as 0 only, also of what has run. Dollars, by its neighbours; see `trusted`. */
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

export const StartErrorsWire = z.lazy(() =>
  z.pipe(
    z.object({ logs: z.array(z.object({ timestamp: optional(z.string()), logs: z.string() })) }),
    z.transform(({ logs }) =>
      logs.map(({ timestamp, logs: text }) => ({ at: parseInstant(timestamp ?? ''), text: wordsOf(text) })),
    ),
  ),
);
export type StartError = z.output<typeof StartErrorsWire>[number];

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

export interface Rows<T> {
  readonly rows: readonly T[];
  /** One reason for each row that could not be read; names fields, never values. */
  readonly skipped: readonly string[];
}

/** Reads a list row by row: a bad row costs that row, never the list. */
export function rowsOf<S extends z.core.$ZodType>(row: S) {
  return z.pipe(
    z.array(z.unknown()),
    z.transform((items): Rows<z.output<S>> => {
      const rows: z.output<S>[] = [];
      const skipped: string[] = [];
      for (const item of items) {
        const parsed = z.safeParse(row, item);
        if (parsed.success) rows.push(parsed.data);
        else skipped.push(parsed.error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`).join(', '));
      }
      return { rows, skipped };
    }),
  );
}
