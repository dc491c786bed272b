import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import { parseJson } from '../platform/plainJson';
import { INITIAL, POLICIES, type PolicyStates } from './policies';

/** What was announced, scheduled and added. A new leader continues from here. */
export interface GuardState extends PolicyStates {
  /** The ends of these are not announced any more. */
  readonly muted: ReadonlySet<SessionId>;
}

export const NOTHING_SAID: GuardState = { ...INITIAL, muted: new Set() };

const Saved = z.lazy(() => z.looseObject({}));
const Muted = z.lazy(() => z.array(SessionId));

/** Codes and numbers, each policy's state under its id. Contains neither a key nor an address. */
export function textOf(state: GuardState): string {
  return JSON.stringify(state, (_, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
}

/** Unreadable parts count as not announced: nothing was written yet, or a newer version wrote them. */
export function readState(text: string): GuardState {
  const saved = z.safeParse(Saved, parseJson(text)).data ?? {};
  let state: GuardState = { ...INITIAL, muted: new Set(z.safeParse(Muted, saved['muted']).data) };
  for (const { id, schema } of POLICIES) {
    const read = z.safeParse(schema, saved[id]);
    if (read.success) state = { ...state, [id]: read.data };
  }
  return state;
}
