import type * as z from 'zod/mini';
import type { SessionId } from '../comfydeploy/model';
import type { PreferencesChange } from '../sessions/preferences';
import type { Finding, GuardInput } from './guardInput';

export interface PolicyInput extends GuardInput {
  /** Their ends are announced no more. */
  readonly muted: ReadonlySet<SessionId>;
  /** What the policies before this one have found. */
  readonly findings: readonly Finding[];
}

export interface PolicyStep<State, Decision> {
  readonly state: State;
  readonly decisions: readonly Decision[];
  readonly findings?: readonly Finding[];
}

/** One thing that is done, or said, on the user's behalf. Pure: what is remembered is its state. */
export interface Policy<State, Decision, Id extends string = string> {
  /** Its key in the guard's state file. */
  readonly id: Id;
  readonly initial: State;
  /** What of a file can be read. */
  readonly schema: z.ZodMiniType<State>;
  step(state: State, input: PolicyInput): PolicyStep<State, Decision>;
  /** When to look again without news, server time, ms. What lies in the past is left out by whoever asks. */
  nextAt(state: State, input: GuardInput): readonly number[];
  /** The user needs this session. */
  keep?(state: State, id: SessionId, input: KeepInput): Kept<State>;
}

export type KeepInput = Pick<GuardInput, 'now' | 'preferencesOf'>;

export interface Kept<State> {
  readonly state: State;
  /** What the user wants no longer. */
  readonly change?: PreferencesChange;
}
