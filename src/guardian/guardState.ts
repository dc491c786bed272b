import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import { parseJson } from '../platform/plainJson';
import { INITIAL, POLICIES, type PolicyStates } from './policies';

/** What was said, scheduled and added. Whoever takes the lead goes on from here. */
export interface GuardState extends PolicyStates {
  /** Their ends are announced no more. */
  readonly muted: ReadonlySet<SessionId>;
}

export const NOTHING_SAID: GuardState = { ...INITIAL, muted: new Set() };

const Saved = z.lazy(() => z.looseObject({}));
const Muted = z.lazy(() => z.array(SessionId));

/** Codes and numbers, each policy's under its id. Holds neither a key nor an address. */
export function textOf(state: GuardState): string {
  return JSON.stringify(state, (_, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
}

/** What cannot be read was not said: nothing was written yet, or a newer version wrote it. */
export function readState(text: string): GuardState {
  const saved = z.safeParse(Saved, parseJson(text)).data ?? {};
  let state: GuardState = { ...INITIAL, muted: new Set(z.safeParse(Muted, saved['muted']).data) };
  for (const { id, schema } of POLICIES) {
    const read = z.safeParse(schema, saved[id]);
    if (read.success) state = { ...state, [id]: read.data };
  }
  return state;
}
