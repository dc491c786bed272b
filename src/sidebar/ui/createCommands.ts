import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import { ApiError, isAbort, NotSent } from '../../platform/errors';
import type { Acts, Yes } from '../../sessions/acts';
import type { Money } from '../../spending/money';
import type { MissingOn } from '../../workflows/checkText';
import type { LeaseSettings } from '../../guardian/guardInput';
import type { Wanted } from '../../sessions/creates';
import type { Spending } from '../../spending/spending';
import { MachineId, type Machine, type Session, type SessionId } from '../../comfydeploy/model';
import { gpuMenu, type Length } from '../../spending/menus';
import type { Choice } from '../../platform/choice';
import type { DoubtTextInput } from '../../sessions/doubtText';
import { notEnded } from '../../platform/failureText';
import { beforeSpending, type BeforeSpendingInput } from '../../spending/moneyText';
import { titleOn } from '../../sessions/sessionText';
import { typedLength } from '../../spending/typedChoices';
import { isLength } from '../../platform/typedTime';
import type { Logs } from '../../logs/logs';
import type { StartReasons } from '../../logs/startReasons';
import { lengthChoices, lengthQuestion, typedWithinPlan } from '../../spending/lengths';
import { refuseUnbuilt, startable } from '../../sessions/builds';
import { atMost, type Clock } from '../../platform/clock';
import { findSession, machinesOf } from '../../sessions/snapshot';
import type { Store } from '../../sessions/store';
import { explainStart, NotStarted, unstarted, untilReady } from '../../sessions/waits';
import { draftText, startText } from '../draftText';
import { machineChoices } from '../startable';
import { isBuilt, type BuildWaitInput } from './buildWait';
import { isAllowed, type SpendingQuestionInput } from '../../spending/ui/spendingQuestion';
import { type CommandHandlers } from '../../platform/ui/commands';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { unprovenText } from '../../sessions/ui/doubts';
import { Starting, type StartingContext } from '../../page/ui/starting';
import { isOurs } from '../../platform/ui/ours';
import { yesOf } from '../../sessions/ui/yes';
import { type BACK, pick, pickInSteps, withProgress, type PickStep } from '../../platform/ui/pick';
import { warn } from '../../platform/ui/shown';
import type { Targets } from './targets';

export interface CreateInput extends BuildWaitInput, SpendingQuestionInput, BeforeSpendingInput, DoubtTextInput {
  readonly spending: Spending;
  readonly limits: SpendingQuestionInput['limits'] & { readonly lease: LeaseSettings };
}

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

interface Draft {
  readonly machine?: Machine;
  readonly gpu?: string;
  readonly length?: Length;
}

/** Where a new session should run. */
export interface Place {
  /** This machine, without asking. */
  readonly on?: Machine | undefined;
  /** Ask for the machine, with this one preselected. */
  readonly near?: Machine | undefined;
  /** What the machines lack for the workflow. */
  readonly missing?: MissingOn | undefined;
}

type Question = (draft: Draft, step: PickStep) => Promise<Draft | typeof BACK | undefined>;

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

  constructor(private readonly context: CreateContext) {
    this.#starting = new Starting(context);
  }

  /** Resolves when the session is ready; undefined if the user cancels. */
  async ask(place: Place = {}): Promise<Session | undefined> {
    const { appState } = this.context;
    const { on: machine } = place;
    if (machine) refuseUnbuilt(machine, appState().now);
    await this.lookAtMoney();
    const questions: Question[] = machine
      ? [this.#askGpu, this.#askLength]
      : [(draft, step) => this.#askMachine(draft, step, place), this.#askGpu, this.#askLength];
    const answers = await pickInSteps<Draft>(machine ? { machine } : {}, questions);
    if (!answers) return undefined;
    const { machine: on, gpu, length } = answers;
    if (!on || gpu === undefined || length === undefined) return undefined;
    return this.#start({ machine: on, gpu, length }, this.context.acts.agreed());
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

  #last(): Required<Draft> | undefined {
    return this.#possible(this.context.memory.get(LAST));
  }

  /** An earlier choice, as long as its machine can still host a session. */
  #possible(value: unknown): Required<Draft> | undefined {
    const request = Request.safeParse(value);
    if (!request.success) return undefined;
    const { machineId, gpu, minutes, isLeased = false } = request.data;
    const machine = startable(this.context.appState().snapshot).find(({ id }) => id === machineId);
    return machine && { machine, gpu, length: isLeased ? 'lease' : minutes };
  }

  async #askMachine(draft: Draft, step: PickStep, { near, missing }: Place): Promise<Draft | typeof BACK | undefined> {
    const last = this.#last();
    const same: Choice<Draft>[] = last
      ? [
          {
            value: last,
            icon: 'history',
            label: l10n.t('Same as Last Time'),
            description: draftText(last, this.context.money.prices.current?.get(last.gpu)),
          },
        ]
      : [];
    const known = machineChoices(this.context.appState().snapshot, missing);
    const machines = known.map((row) => ({ ...row, value: { ...draft, machine: row.value } }));
    if (machines.length === 0)
      throw new ApiError(
        'refused',
        l10n.t('None of your machines can run sessions. The tree shows why for each of them.'),
      );
    const preferred = machines.find(({ value }) => value.machine.id === near?.id)?.value;
    const first = preferred === undefined ? {} : { preferred };
    const choices = [...same, ...machines];
    const texts = { title: l10n.t('New Session'), placeholder: l10n.t('On which machine?') };
    return pick<Draft>({ ...texts, choices, ...first, ...step });
  }

  readonly #askGpu: Question = async (draft, step) => {
    const { machine, gpu } = draft;
    if (!machine || gpu !== undefined) return draft; // "same as last time" has answered everything
    const choices = gpuMenu(machine, this.context.money.prices.current);
    const title = l10n.t('New Session on {0}', machine.name);
    const picked = await pick({ title, placeholder: this.#withMoney(l10n.t('Which GPU?')), choices, ...step });
    return typeof picked === 'string' ? { machine, gpu: picked } : picked;
  };

  readonly #askLength: Question = async (draft, step) => {
    const { machine, gpu, length } = draft;
    if (!machine || gpu === undefined || length !== undefined) return draft;
    const price = this.context.money.prices.current?.get(gpu);
    const last = this.#last()?.length;
    const known = this.context.appState();
    const { now, spending } = known;
    const { isFree } = this.context.money.plan;
    const picked = await pick<Length>({
      title: l10n.t('New Session on {0} with {1}', machine.name, gpu),
      placeholder: this.#withMoney(lengthQuestion(now, spending.balance, isFree)),
      choices: lengthChoices(price, last, known, isFree),
      preferred: last ?? 'lease',
      typed: (text) => typedWithinPlan(typedLength(text, now, price, spending.balance), spending.balance, isFree),
      ...step,
    });
    return typeof picked === 'symbol' || picked === undefined ? picked : { ...draft, length: picked };
  };

  #withMoney(question: string): string {
    return [question, beforeSpending(this.context.appState()) ?? ''].join(' ').trim();
  }

  async #start(draft: Required<Draft>, yes: Yes, isUnasked = false): Promise<Session | undefined> {
    const { machine, gpu, length } = draft;
    const { appState, memory } = this.context;
    const isLeased = length === 'lease';
    const minutes = isLeased ? appState().limits.lease.minutes : length;
    const choice = { machineId: machine.id, gpu, minutes };
    const what = startText(draft);
    if (!(await isAllowed(appState(), { gpu, minutes, what, action: l10n.t('Start'), isUnasked }, yes)))
      return undefined;
    if (!(await isBuilt(this.context, machine, yes))) return undefined;
    await memory.update(LAST, isLeased ? { ...choice, isLeased } : choice);
    const request = isLeased ? { ...choice, preferences: { lease: appState().now } } : choice;
    const known = machinesOf(appState().snapshot).find(({ id }) => id === machine.id);
    if (yes.isOld) return this.#start({ ...draft, machine: known ?? machine }, yes);
    const session = await withProgress(l10n.t('Starting {0} on {1}', gpu, machine.name), (signal, say) =>
      this.#createAndWait({ machine, request, yes }, signal, say),
    );
    if (session) await this.#starting.ready(session, titleOn(machine, gpu));
    return session;
  }

  /** Giving up ends the session once it is known to exist. */
  async #createAndWait(
    { machine, request, yes }: { readonly machine: Machine; readonly request: Wanted; readonly yes: Yes },
    signal: AbortSignal,
    say: (message: string) => void,
  ): Promise<Session | undefined> {
    const { acts, store, money, logs, reasons, appState } = this.context;
    const from = appState().now;
    let agreed: Yes | undefined;
    signal.addEventListener('abort', () => (agreed = acts.agreed()), { once: true });
    const name = titleOn(machine, request.gpu);
    const id = await store.create(request, yes.permit()).catch((error: unknown) => {
      throw unstarted(machine, error);
    });
    this.#starting.begin(findSession(store.snapshot, id));
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
