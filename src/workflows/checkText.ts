import * as l10n from '@vscode/l10n';
import type { MachineId } from '../comfydeploy/model';
import { serverText } from '../comfyui/serverText';
import { brokenText } from './conversionText';
import type { Choice } from '../platform/choice';
import { listText } from '../platform/language';
import { isModel, type Finding, type Wrong } from './findings';

/** `error`: ComfyUI refuses to run it. */
export type Severity = 'error' | 'warning' | 'info';

export function severityOf({ kind }: Wrong): Severity {
  if (kind === 'paid' || kind === 'version') return 'info';
  return kind === 'noFile' || kind === 'live' ? 'warning' : 'error';
}

/** What is wrong and what to do. */
export function findingText({ input = '', wrong }: Pick<Finding, 'input' | 'wrong'>): string {
  const name = serverText(input);
  switch (wrong.kind) {
    case 'unknown':
      return unknownText(wrong);
    case 'live':
      return l10n.t("This node takes its value from ComfyUI's page. Queue the workflow there.");
    case 'missing':
      return l10n.t('{0} is missing.', name);
    case 'notInList':
      return isModel(wrong.value)
        ? l10n.t("{0}: the model {1} isn't on the machine.", name, serverText(wrong.value))
        : l10n.t("{0}: {1} isn't one of the choices.", name, serverText(wrong.value));
    case 'noFile':
      return l10n.t("{0}: the file {1} isn't in ComfyUI's input folder.", name, serverText(wrong.value));
    case 'notANumber':
      return l10n.t("{0}: {1} isn't a number.", name, serverText(wrong.value));
    case 'tooSmall':
      return l10n.t('{0}: {1} is below the minimum of {2}.', name, serverText(wrong.value), wrong.limit);
    case 'tooLarge':
      return l10n.t('{0}: {1} is above the maximum of {2}.', name, serverText(wrong.value), wrong.limit);
    case 'badLink':
      return l10n.t('{0}: a link consists of the id of a node and the number of an output.', name);
    case 'noOrigin':
      return l10n.t("{0} is linked to an output that isn't there ({1}).", name, serverText(wrong.origin));
    case 'mismatch':
      return l10n.t('{0} takes {1}, and is linked to {2}.', name, serverText(wrong.taken), serverText(wrong.given));
    case 'circle':
      return l10n.t('{0} is linked in a circle.', name);
    case 'noOutputs':
      return l10n.t('None of its nodes is an output, so there is nothing to run.');
    case 'broken':
      return brokenText(wrong.reason);
    case 'paid':
      return l10n.t("Each run of this node is paid for elsewhere: it uses credits of Comfy's API.");
    case 'version': {
      const { pack, wanted, found } = wrong;
      return l10n.t('Drawn with version {1} of {0}; the machine has {2}.', ...[pack, wanted, found].map(serverText));
    }
  }
}

function unknownText({ pack, isOrdered }: Extract<Wrong, { readonly kind: 'unknown' }>): string {
  if (pack === undefined) return l10n.t("The machine doesn't have this node.");
  const name = serverText(pack);
  return isOrdered
    ? l10n.t(
        "The machine is built with this node's package, {0}, but doesn't have the node. Its version may be another one, or it failed to load.",
        name,
      )
    : l10n.t("The machine doesn't have this node. Add its package, {0}, to the machine.", name);
}

/** What a machine lacks for a workflow. */
export interface Missing {
  readonly count: number;
  /** `2 nodes and 1 model missing`; empty if nothing is missing. */
  readonly text: string;
}

/** By machine, without the machines that are not known. */
export type MissingOn = ReadonlyMap<MachineId, Missing>;

/** Sorts a machine that was not checked before those where something is surely missing. */
const UNKNOWN = 0.5;

/** Rows for machines with what is missing on each. First those that lack nothing, then those that were not checked. */
export function missingLast<T>(
  choices: readonly Choice<T>[],
  missing: MissingOn | undefined,
  machineOf: (value: T) => MachineId | undefined,
): readonly Choice<T>[] {
  if (!missing || missing.size === 0) return choices;
  const of = ({ value }: Choice<T>) => {
    const machine = machineOf(value);
    return machine && missing.get(machine);
  };
  return choices
    .toSorted((one, other) => (of(one)?.count ?? UNKNOWN) - (of(other)?.count ?? UNKNOWN))
    .map((choice) => {
      const text = of(choice)?.text ?? l10n.t('not checked');
      return { ...choice, description: [choice.description, text].filter(Boolean).join(' · ') };
    });
}

export function missingIn(findings: readonly Finding[]): Missing {
  const nodes = findings.filter(({ wrong }) => wrong.kind === 'unknown').length;
  const models = new Set(
    findings.flatMap(({ wrong }) => (wrong.kind === 'notInList' && isModel(wrong.value) ? [wrong.value] : [])),
  ).size;
  const parts = [
    ...(nodes === 0 ? [] : [nodes === 1 ? l10n.t('1 node') : l10n.t('{0} nodes', nodes)]),
    ...(models === 0 ? [] : [models === 1 ? l10n.t('1 model') : l10n.t('{0} models', models)]),
  ];
  return { count: nodes + models, text: parts.length === 0 ? '' : l10n.t('{0} missing', listText(parts)) };
}
