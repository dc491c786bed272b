import * as l10n from '@vscode/l10n';
import type { Machine } from '../../comfydeploy/model';
import type { Choice } from '../../platform/choice';
import { ApiError } from '../../platform/errors';
import { isLength } from '../../platform/typedTime';
import { type BACK, pick, pickInSteps, type PickStep } from '../../platform/ui/pick';
import { startable } from '../../sessions/builds';
import { lengthChoices, lengthQuestion, typedWithinPlan } from '../../spending/lengths';
import { gpuMenu, isOffered, type Length } from '../../spending/menus';
import type { Money } from '../../spending/money';
import { beforeSpending, type BeforeSpendingInput } from '../../spending/moneyText';
import { typedLength } from '../../spending/typedChoices';
import type { LeaseSettings } from '../../guardian/guardInput';
import type { DoubtTextInput } from '../../sessions/doubtText';
import type { Spending } from '../../spending/spending';
import type { SpendingQuestionInput } from '../../spending/ui/spendingQuestion';
import type { BuildWaitInput } from './buildWait';
import type { MissingOn } from '../../workflows/checkText';
import { draftText, type WholeDraft } from '../draftText';
import { machineChoices, machineNamed } from '../startable';

export interface CreateInput extends BuildWaitInput, SpendingQuestionInput, BeforeSpendingInput, DoubtTextInput {
  readonly spending: Spending;
  readonly limits: SpendingQuestionInput['limits'] & { readonly lease: LeaseSettings };
}

export type Draft = Partial<WholeDraft>;

/** Where a new session should run. */
export interface Place {
  /** This machine, without asking. */
  readonly on?: Machine | undefined;
  /** Ask for the machine, with this one preselected. */
  readonly near?: Machine | undefined;
  /** What the machines lack for the workflow. */
  readonly missing?: MissingOn | undefined;
}

/** What a link names: `machine`, by its name or ID, `gpu` and `minutes`. */
export type Named = Readonly<Record<string, string>>;

type Question = (draft: Draft, step: PickStep) => Promise<Draft | typeof BACK | undefined>;

export interface QuestionsContext {
  readonly appState: () => CreateInput;
  readonly money: Pick<Money, 'plan' | 'prices'>;
}

/** Asks for machine, GPU and length of a new session, each with its price. */
export class CreateQuestions {
  constructor(
    private readonly context: QuestionsContext,
    /** What was started last. */
    private readonly last: () => WholeDraft | undefined,
  ) {}

  /** As much of it as can be used. */
  known({ machine: name, gpu, minutes }: Named): Draft {
    const { appState, money } = this.context;
    const machine = machineNamed(startable(appState().snapshot), name);
    const hasGpu = machine && isOffered(machine, gpu, money.prices.current);
    const length = Number(minutes);
    return { ...(machine && { machine }), ...(hasGpu && { gpu }), ...(isLength(length) && { length }) };
  }

  /** Asks for what is not known. Undefined if the user cancels. */
  async rest(known: Draft, place: Place): Promise<WholeDraft | undefined> {
    const askMachine: Question = (draft, step) => this.#askMachine(draft, step, place);
    const questions = [
      ...(known.machine ? [] : [askMachine]),
      ...(known.gpu === undefined ? [this.#askGpu] : []),
      ...(known.length === undefined ? [this.#askLength] : []),
    ];
    const { machine, gpu, length } = (await pickInSteps<Draft>(known, questions)) ?? {};
    return machine && gpu !== undefined && length !== undefined ? { machine, gpu, length } : undefined;
  }

  async #askMachine(draft: Draft, step: PickStep, { near, missing }: Place): Promise<Draft | typeof BACK | undefined> {
    const last = this.last();
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
    return typeof picked === 'string' ? { ...draft, gpu: picked } : picked;
  };

  readonly #askLength: Question = async (draft, step) => {
    const { machine, gpu, length } = draft;
    if (!machine || gpu === undefined || length !== undefined) return draft;
    const price = this.context.money.prices.current?.get(gpu);
    const last = this.last()?.length;
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
}
