import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import { asSentence, isAbort, NotSent } from '../../platform/errors';
import type { Acts, Yes } from '../../sessions/acts';
import type { Money } from '../../spending/money';
import type { Wanted } from '../../sessions/creates';
import { MachineId, type Machine, type Session, type SessionId } from '../../comfydeploy/model';
import { notEnded } from '../../platform/failureText';
import { titleOn } from '../../sessions/sessionText';
import { isLength } from '../../platform/typedTime';
import type { Logs } from '../../logs/logs';
import type { StartReasons } from '../../logs/startReasons';
import { refuseUnbuilt, startable } from '../../sessions/builds';
import { atMost, type Clock } from '../../platform/clock';
import { findSession, machinesOf } from '../../sessions/snapshot';
import type { Store } from '../../sessions/store';
import { explainStart, NotStarted, unstarted, untilReady } from '../../sessions/waits';
import { onLeaseText } from '../../guardian/leaseText';
import { startText, type WholeDraft } from '../draftText';
import { isBuilt } from './buildWait';
import { isAllowed } from '../../spending/ui/spendingQuestion';
import { type CommandHandlers } from '../../platform/ui/commands';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { unprovenText } from '../../sessions/ui/doubts';
import { Starting, type StartingContext } from '../../page/ui/starting';
import { isOurs } from '../../platform/ui/ours';
import { yesOf } from '../../sessions/ui/yes';
import { withProgress } from '../../platform/ui/pick';
import { warn } from '../../platform/ui/shown';
import { CreateQuestions, type CreateInput, type Draft, type Named, type Place } from './createQuestions';
import type { Targets } from './targets';

export interface CreateContext extends StartingContext {
  readonly store: Store;
  readonly acts: Pick<Acts, 'agreed'>;
  readonly money: Pick<Money, 'credit' | 'plan' | 'prices' | 'recorder'>;
  readonly clock: Clock;
  readonly appState: () => CreateInput;
  readonly memory: Pick<vscode.Memento, 'get' | 'update'>;
  readonly logs: Pick<Logs, 'follow'>;
  readonly reasons: Pick<StartReasons, 'of'>;
}

const LAST = 'lastCreate';
/** The longest that a question waits for the credit, ms. */
const LONGEST_LOOK = 1_000;
const Minutes = z.lazy(() => z.custom<number>(isLength));
const Request = z.lazy(() =>
  z.object({ machineId: MachineId, gpu: z.string(), minutes: Minutes, isLeased: z.optional(z.boolean()) }),
);

interface Beginning {
  readonly machine: Machine;
  readonly request: Wanted;
  readonly yes: Yes;
  readonly isInTab: boolean;
  readonly pay: Pay | undefined;
}

/** An agent has a purse of its own: whether the request may be sent, and what becomes of it. */
export type Pay = (create: () => Promise<SessionId>) => Promise<SessionId>;

/** Shows the progress of a start, and can give it up. */
export type Within = typeof withProgress<Session | undefined>;

export function createCommands(
  flow: CreateFlow,
  targets: Pick<Targets, 'machineNear'>,
): Pick<CommandHandlers, 'createSession' | 'newSession' | 'createSameSession'> {
  return {
    async createSession(target) {
      await flow.ask({ on: targets.machineNear(target) });
    },
    /** For the view's title, where VS Code passes the focused row, which the user may not have meant. */
    async newSession(target) {
      await flow.ask({ near: targets.machineNear(target) });
    },
    async createSameSession(target) {
      await flow.repeat(target);
    },
  };
}

/** Starts a session: asks for machine, GPU and length, waits until it is ready, and opens it. */
export class CreateFlow {
  readonly #starting: Starting;
  readonly #questions: CreateQuestions;

  constructor(private readonly context: CreateContext) {
    this.#starting = new Starting(context);
    this.#questions = new CreateQuestions(context, () => this.#last());
  }

  /** Resolves when the session is ready; undefined if the user cancels. */
  async ask(place: Place = {}): Promise<Session | undefined> {
    const { on: machine } = place;
    if (machine) refuseUnbuilt(machine, this.context.appState().now);
    await this.lookAtMoney();
    return this.#askRest(machine ? { machine } : {}, place);
  }

  /** Takes from a link what can be used of it, and asks for the rest; nothing starts without consent to the price. */
  async propose(named: Named): Promise<void> {
    await this.lookAtMoney();
    await this.#askRest(this.#questions.known(named), {}, true);
  }

  async #askRest(known: Draft, place: Place, isUnasked = false): Promise<Session | undefined> {
    const answers = await this.#questions.rest(known, place);
    return answers && this.#start(answers, this.context.acts.agreed(), isUnasked);
  }

  /** Refreshes the credit and the plan, which may have changed in the last minutes. */
  async lookAtMoney(): Promise<void> {
    const { money, clock } = this.context;
    const looks = Promise.all([money.credit.renew(), money.plan.renew()]);
    await Promise.all([money.prices.refresh(), atMost(clock, LONGEST_LOOK, looks)]);
  }

  /**
   * Starts the session that the target describes, or the last one started; asks if there is neither. Only our own
   * buttons, which name what they start, count as consent: anybody can call a command, so other targets are confirmed
   * first.
   */
  async repeat(target: unknown): Promise<Session | undefined> {
    const yes = yesOf(target) ?? this.context.acts.agreed();
    const draft = target === undefined ? this.#last() : this.#possible(target);
    if (draft) await this.lookAtMoney();
    return draft ? this.#start(draft, yes, !isOurs(target)) : this.ask();
  }

  /** Starts a lease without another question: the user chose it next to its price. */
  async startLeased(machine: Machine, gpu: string): Promise<Session | undefined> {
    return this.#start({ machine, gpu, length: 'lease' }, this.context.acts.agreed());
  }

  /**
   * For a task, or an agent. @param isAgreed the user has agreed to the same before. @param within shows it instead of a
   * tab. @param pay set for an agent: it decides instead of the user, and nothing
   * makes the session longer.
   */
  async startWithin(draft: WholeDraft, isAgreed: boolean, within: Within, pay?: Pay): Promise<Session | undefined> {
    return this.#start(draft, this.context.acts.agreed(), !isAgreed, within, pay);
  }

  #last(): WholeDraft | undefined {
    return this.#possible(this.context.memory.get(LAST));
  }

  /** An earlier choice, as long as its machine can still host a session. */
  #possible(value: unknown): WholeDraft | undefined {
    const request = Request.safeParse(value);
    if (!request.success) return undefined;
    const { machineId, gpu, minutes, isLeased = false } = request.data;
    const machine = startable(this.context.appState().snapshot).find(({ id }) => id === machineId);
    return machine && { machine, gpu, length: isLeased ? 'lease' : minutes };
  }

  async #start(
    draft: WholeDraft,
    yes: Yes,
    isUnasked = false,
    within?: Within,
    pay?: Pay,
  ): Promise<Session | undefined> {
    const { machine, gpu, length } = draft;
    const { appState, memory } = this.context;
    const isLeased = length === 'lease';
    const minutes = isLeased ? appState().limits.lease.minutes : length;
    const choice = { machineId: machine.id, gpu, minutes };
    const what = startText(draft);
    const terms = isLeased ? this.#leaseTerms(gpu, isUnasked && within !== undefined) : undefined;
    const origin = isUnasked && !within ? l10n.t('Another extension or a link asks for this.') : undefined;
    const wanted = { gpu, minutes, what, action: l10n.t('Start'), isUnasked, terms, origin };
    if (!pay && !(await isAllowed(appState(), wanted, yes))) return undefined;
    if (!(await isBuilt(this.context, machine, yes))) return undefined;
    if (!within) await memory.update(LAST, isLeased ? { ...choice, isLeased } : choice);
    const preferences = isLeased ? { lease: appState().now } : pay ? { keepAlive: false } : undefined;
    const request = preferences ? { ...choice, preferences } : choice;
    const known = machinesOf(appState().snapshot).find(({ id }) => id === machine.id);
    if (yes.isOld) return this.#start({ ...draft, machine: known ?? machine }, yes, false, within, pay);
    const show = within ?? withProgress;
    const session = await show(l10n.t('Starting {0} on {1}', gpu, machine.name), (signal, say) =>
      this.#createAndWait({ machine, request, yes, isInTab: !within, pay }, signal, say),
    );
    if (session && !within) await this.#starting.ready(session, titleOn(machine, gpu));
    return session;
  }

  /** @param isForTask the answer is kept. */
  #leaseTerms(gpu: string, isForTask: boolean): readonly string[] {
    const input = this.context.appState();
    const terms = asSentence(onLeaseText(gpu, input.limits.lease, input.now, input));
    const once = l10n.t('You are asked once: this task then starts sessions unasked, within your spending limits.');
    return isForTask ? [terms, once] : [terms];
  }

  /** Giving up ends the session once it is known to exist. */
  async #createAndWait(
    { machine, request, yes, isInTab, pay = (create) => create() }: Beginning,
    signal: AbortSignal,
    say: (message: string) => void,
  ): Promise<Session | undefined> {
    const { acts, store, money, logs, reasons, appState } = this.context;
    signal.throwIfAborted();
    const from = appState().now;
    let agreed: Yes | undefined;
    signal.addEventListener('abort', () => (agreed = acts.agreed()), { once: true });
    const name = titleOn(machine, request.gpu);
    const id = await pay(() => store.create(request, yes.permit())).catch((error: unknown) => {
      throw unstarted(machine, error);
    });
    if (isInTab) this.#starting.begin(findSession(store.snapshot, id));
    const followed = logs.follow(id, () => say(followed.log.last ?? ''));
    try {
      return await untilReady(store, id, signal);
    } catch (error) {
      if (error instanceof NotStarted)
        return await explainStart({ id, name }, error, async () => {
          const reason = await reasons.of({ id, versionId: machine.versionId, from, to: appState().now });
          if (reason !== undefined) await money.recorder.note(id, { kind: 'notStarted', reason: reason.words });
          return reason;
        });
      if (!isAbort(error)) throw error;
      followed.dispose(); // its further log lines do not matter
      say(l10n.t('Ending it'));
      await this.#giveUp(id, name, agreed ?? acts.agreed());
      const unproven = unprovenText([id], this.context.appState());
      if (unproven !== undefined) void warn(unproven);
      say(unproven ?? l10n.t('The session has ended.'));
      return undefined;
    } finally {
      followed.dispose();
    }
  }

  /** Asks again if a closed lid delayed the request: the user may want the session by now. */
  async #giveUp(id: SessionId, name: string, yes: Yes): Promise<void> {
    const { store, money } = this.context;
    // recorded here, since a window that only sees the session gone would not know the reason
    void money.recorder.note(id, { kind: 'ended', by: 'you', isUnready: true });
    try {
      await store.end(id, undefined, { permit: yes.permit() });
    } catch (error) {
      if (!(error instanceof NotSent)) throw notEnded([[name, error]]);
      void runOnSession('cancelSession', id); // asks
    }
  }
}
