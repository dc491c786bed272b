import type * as z from 'zod/mini';
import type { SessionId } from '../comfydeploy/model';
import type { PreferencesChange } from '../sessions/preferences';
import type { Finding, GuardInput } from './guardInput';

export interface PolicyInput extends GuardInput {
  /** The ends of these are not announced any more. */
  readonly muted: ReadonlySet<SessionId>;
  /** The findings of the policies before this one. */
  readonly findings: readonly Finding[];
}

export interface PolicyStep<State, Decision> {
  readonly state: State;
  readonly decisions: readonly Decision[];
  readonly findings?: readonly Finding[];
}

/** One rule of what is done or announced on the user's behalf. Pure: what it remembers is its state. */
export interface Policy<State, Decision, Id extends string = string> {
  /** Its key in the guard's state file. */
  readonly id: Id;
  readonly initial: State;
  /** Reads its part of the file. */
  readonly schema: z.ZodMiniType<State>;
  step(state: State, input: PolicyInput): PolicyStep<State, Decision>;
  /** When to check again without an event, server time, ms. Times in the past are ignored. */
  nextAt(state: State, input: GuardInput): readonly number[];
  /** The user keeps this session. */
  keep?(state: State, id: SessionId, input: KeepInput): Kept<State>;
}

export type KeepInput = Pick<GuardInput, 'now' | 'preferencesOf'>;

export interface Kept<State> {
  readonly state: State;
  /** Preferences that no longer apply. */
  readonly change?: PreferencesChange;
}
