import type * as z from 'zod/mini';
import type { Prices, SessionId, Work } from '../../comfydeploy/model';
import type { Web } from '../../comfyui/client';
import type { OutputBytes } from '../../outputs/outputBytes';
import { ApiError } from '../../platform/errors';
import type { Acts } from '../../sessions/acts';
import type { GuardPreferences } from '../../sessions/preferences';
import { ownSessions } from '../../sessions/snapshot';
import type { StateAndOwnerInput } from '../../sessions/sessionText';
import type { Store } from '../../sessions/store';
import type { Money } from '../../spending/money';
import type { Spending } from '../../spending/spending';
import type { CreateFlow } from '../../sidebar/ui/createCommands';
import type { EndContext } from '../../sidebar/ui/endSessions';
import { overText, untilRead } from '../../sidebar/ui/links';
import type { WorkflowTools } from '../../sidebar/ui/tasks';
import type { Wallet, WalletInput, Wanted } from '../wallet';

export interface AgentInput extends StateAndOwnerInput, Omit<WalletInput, 'mostADay' | 'spending'> {
  readonly prices: Prices | undefined;
  readonly spending: Spending;
  readonly work: ReadonlyMap<SessionId, Work>;
  readonly preferencesOf: (id: SessionId) => GuardPreferences;
}

export interface AgentContext {
  readonly web: Web;
  readonly appState: () => AgentInput;
  readonly store: Store;
  readonly acts: Pick<Acts, 'agreed'>;
  readonly creating: Pick<CreateFlow, 'lookAtMoney' | 'startWithin'>;
  readonly ending: EndContext;
  readonly tools: WorkflowTools;
  readonly money: Pick<Money, 'recorder' | 'history'>;
  readonly bytes: Pick<OutputBytes, 'read' | 'sizeOf'>;
  readonly wallet: Wallet;
  readonly mostADay: () => bigint;
  /** Removes the keys and addresses that this window has seen. */
  readonly hide: (text: string) => string;
}

/** What a tool tells the agent. */
export interface Told {
  readonly facts: object;
  readonly pictures?: readonly { readonly bytes: Uint8Array; readonly mime: string }[];
}

/** What the user is asked before. */
export interface Question {
  readonly title: string;
  readonly detail: string;
}

export interface Tool<S extends z.ZodMiniType = z.ZodMiniType> {
  readonly input: S;
  run(input: z.output<S>, cancelled: AbortSignal): Promise<Told>;
  /** Undefined if nothing has to be asked. @throws {ApiError} if nothing may be done. */
  ask?(input: z.output<S>): Promise<Question | undefined>;
}

/** What everybody knows now. @throws {ApiError} */
export async function upToDate({ store, creating, money }: AgentContext): Promise<void> {
  await untilRead(store);
  await Promise.all([creating.lookAtMoney(), money.history.read()]);
}

/** @throws {ApiError} if agents may not spend this. */
export async function refuseExcess({ wallet }: AgentContext, wanted: Wanted): Promise<void> {
  const why = await wallet.whyNot(wanted);
  if (why !== undefined) throw new ApiError('refused', why);
}

/** A session of the user's. @throws {ApiError} */
export async function ownSession(context: AgentContext, id: SessionId) {
  await upToDate(context);
  const session = ownSessions(context.appState().snapshot).find((one) => one.id === id);
  if (!session) throw new ApiError('missing', overText());
  return session;
}
