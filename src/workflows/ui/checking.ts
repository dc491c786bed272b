import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { pageOf, type Machine, type MachineId, type Session } from '../../comfydeploy/model';
import { seemsWorkflow } from '../../comfyui/workflow';
import { ageOf } from '../../platform/age';
import { atMost, sleep, type Clock } from '../../platform/clock';
import { age } from '../../platform/durations';
import { ApiError } from '../../platform/errors';
import { exactJsonInSlices } from '../../platform/jsonText';
import { Slices } from '../../platform/slices';
import { pick, withLateProgress } from '../../platform/ui/pick';
import { inform, warn } from '../../platform/ui/shown';
import { sessionTitle } from '../../sessions/sessionText';
import { machinesOf, ownFirst, sessionsOf, type Snapshot } from '../../sessions/snapshot';
import { findingText, missingIn, severityOf, type Missing, type MissingOn } from '../checkText';
import type { Finding } from '../findings';
import type { KeptList, KeptNodes } from '../keptNodes';
import type { MachineFactsOf } from '../machineFacts';
import { roughFindings, withoutThere } from '../roughCheck';
import type { NodeLists } from './nodeLists';
import { readWorkflowFile, textInEditor, type WorkflowFile } from './workflowFile';
import { WorkflowProblems, type ShownProblem } from './workflowProblems';

export interface CheckingContext {
  readonly clock: Clock;
  readonly random: () => number;
  readonly snapshot: () => Snapshot;
  readonly inFront: () => Session | undefined;
  readonly lists: Pick<NodeLists, 'ofSession' | 'look'>;
  readonly kept: KeptNodes;
  readonly facts: Pick<MachineFactsOf, 'of'>;
  /** Whether files are checked when they are shown. */
  readonly isOn: () => boolean;
  readonly report: (error: unknown) => void;
}

/** A list of nodes to check against. */
interface Source {
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  /** For people: a whole sentence. */
  readonly used: string;
  /** Undefined if only packages and models are known. */
  readonly read?: (signal: AbortSignal) => Promise<string | undefined>;
  /** Set if there is no session: the server knows more about the machine. */
  readonly machine?: Machine;
}

/** Characters; longer files are checked only on request. */
const LONGEST_UNASKED = 2_000_000;
/** The longest that a question waits to know what is missing where, ms. */
const LONGEST_LOOK = 1_500;
/** The most machines that are checked for one question. */
const MOST_MACHINES = 20;
/** After the last key, ms. */
const REST_MS = 1_000;

/** Checks workflows before anything is paid for: on request, and visible files automatically. */
export class Checking implements vscode.Disposable {
  readonly #closed = new AbortController();
  #waiting: AbortController | undefined;
  readonly #subscriptions: vscode.Disposable[] = [];

  readonly #problems: WorkflowProblems;

  constructor(private readonly context: CheckingContext) {
    this.#problems = new WorkflowProblems('ComfyUI.check', context.random);
  }

  /** From now on checks visible files, and reads the node lists of idle sessions. */
  redraw(): void {
    this.context.lists.look();
    if (this.#subscriptions.length > 0) return;
    const { window, workspace } = vscode;
    this.#subscriptions.push(
      window.onDidChangeActiveTextEditor(() => this.#later(0)),
      workspace.onDidChangeTextDocument(({ document: { uri } }) => {
        if (uri.toString() === window.activeTextEditor?.document.uri.toString()) this.#later(REST_MS);
      }),
    );
    this.#later(0);
  }

  /** @throws {ApiError} if nothing is known to check against, and an `AbortError` if the user cancels. */
  readonly check = async (file: WorkflowFile): Promise<void> => {
    const source = await this.#chosen(file.name);
    if (!source) return;
    const title = l10n.t('Checking {0}', file.name);
    const work = checked(file);
    const found = await withLateProgress(this.context.clock, title, (signal) => this.#find(work, source, signal));
    if (!found) throw new ApiError('refused', l10n.t("That list of nodes can't be read."));
    await this.#problems.set(file, found.map(problemOf));
    this.#announce(file, found, source).catch(this.context.report);
  };

  /** What machines lack of a workflow, as far as that can be found out soon. */
  readonly missingOn = async (file: WorkflowFile | undefined): Promise<MissingOn | undefined> => {
    if (!file) return undefined;
    const found = new Map<MachineId, Missing>();
    const work = checked(file);
    const lists = await this.#lists();
    const sources = [...this.#keptSources(lists), ...this.#roughSources(lists)].slice(0, MOST_MACHINES);
    const looks = sources.map(async (source) => {
      const findings = await this.#find(work, source, this.#closed.signal);
      const missing = findings && missingIn(findings);
      // A rough check that finds all packages does not prove that nothing is missing.
      if (source.machine && missing && (source.read || missing.count > 0)) found.set(source.machine.id, missing);
    });
    await atMost(this.context.clock, LONGEST_LOOK, Promise.allSettled(looks));
    return new Map(found);
  };

  /** What is wrong with it on a machine, by the nodes of the machine's present version; undefined if it is not known. */
  readonly problemsOn = async (file: WorkflowFile, machine: Machine): Promise<readonly ShownProblem[] | undefined> => {
    const lists = await this.#lists();
    const list = lists.find(({ machineId, versionId }) => machineId === machine.id && versionId === machine.versionId);
    const [source] = list ? this.#keptSources([list]) : [];
    return (source && (await this.#find(checked(file), source, this.#closed.signal)))?.map(problemOf);
  };

  /** What is shown as wrong with a file, or would be if it were in front. */
  readonly problemsIn = async (file: WorkflowFile, signal: AbortSignal): Promise<readonly ShownProblem[]> => {
    const isLong = file.text.length > LONGEST_UNASKED;
    const shown = this.#problems.of(file.uri);
    return shown ?? (isLong || !this.context.isOn() ? undefined : await this.#unasked(file, signal)) ?? [];
  };

  dispose(): void {
    this.#closed.abort();
    for (const one of [this.#problems, ...this.#subscriptions]) one.dispose();
  }

  async #announce({ name, uri }: WorkflowFile, found: readonly Finding[], { used }: Source): Promise<void> {
    const wrong = found.filter((finding) => severityOf(finding.wrong) !== 'info');
    const [first] = wrong;
    if (!first) return notice(inform(`${l10n.t('{0}: no problems found.', name)} ${used}`));
    const general = wrong.find(({ nodeId }) => nodeId === '');
    const count = wrong.length;
    const said = general
      ? `${name}: ${findingText(general)}`
      : count === 1
        ? l10n.t('{0}: 1 problem found.', name)
        : l10n.t('{0}: {1} problems found.', name, count);
    const show = l10n.t('Show Problem');
    const pressed = await warn(`${said} ${used}`, ...(general ? [] : [show]));
    if (pressed === show) await this.#problems.show(uri);
  }

  /** Checks one text at a time: a newer one replaces an older one. */
  #later(rest: number): void {
    this.#waiting?.abort();
    const waiting = (this.#waiting = new AbortController());
    const signal = AbortSignal.any([waiting.signal, this.#closed.signal]);
    const rested = rest === 0 ? Promise.resolve() : sleep(this.context.clock, rest, signal);
    rested.then(() => this.#checkShown(signal)).catch((error: unknown) => signal.aborted || this.context.report(error));
  }

  async #checkShown(signal: AbortSignal): Promise<void> {
    const uri = vscode.window.activeTextEditor?.document.uri;
    if (!uri || !this.context.isOn() || !/\.json$/i.test(uri.path)) return;
    const text = textInEditor(uri);
    if (text === undefined || text.length > LONGEST_UNASKED || !seemsWorkflow(text)) return;
    const file = await readWorkflowFile(uri, this.context.clock);
    const found = file && (await this.#unasked(file, signal));
    if (found && !signal.aborted) await this.#problems.set(file, found);
  }

  async #unasked(file: WorkflowFile, signal: AbortSignal): Promise<readonly ShownProblem[] | undefined> {
    const [source] = this.#keptSources(await this.#lists());
    return (source && (await this.#find(checked(file), source, signal, false)))?.map(problemOf);
  }

  /** @param isAsked if false, nothing is requested from the server. */
  async #find(
    { workflow, asText }: Checked,
    { read, machine }: Source,
    signal: AbortSignal,
    isAsked = true,
  ): Promise<readonly Finding[] | undefined> {
    const known = machine && isAsked ? await this.context.facts.of(machine) : NOTHING_KNOWN;
    if (!read) return roughFindings(workflow, known);
    const nodes = await read(signal);
    if (nodes === undefined) return undefined;
    const { checkTexts } = await import('../conversion');
    const slices = new Slices(this.context.clock, signal);
    const texts = { text: await asText(slices), isDrawn: workflow.prompt === undefined, nodes };
    const facts = { packages: known.packages, version: undefined };
    const found = await checkTexts(texts, facts, slices);
    return found && withoutThere(found, known);
  }

  async #chosen(name: string): Promise<Source | undefined> {
    const { snapshot, inFront } = this.context;
    const running = ownFirst(sessionsOf(snapshot()), snapshot()).filter((session) => pageOf(session) !== undefined);
    const front = inFront();
    if (front && running.includes(front)) return this.#live(front);
    const machines = new Set(running.flatMap(({ machineId }) => machineId ?? []));
    const lists = await this.#lists();
    const sources = [...running.map((session) => this.#live(session)), ...this.#keptSources(lists, machines)];
    if (sources.length === 0) sources.push(...this.#roughSources(lists));
    const [only] = sources;
    if (!only)
      throw new ApiError(
        'refused',
        l10n.t('No list of nodes is known yet. Start a session: the nodes of its machine are kept for checks.'),
      );
    if (sources.length === 1) return only;
    const chosen = await pick({
      title: l10n.t('Check {0} against which nodes?', name),
      placeholder: l10n.t('Choose a machine'),
      choices: sources.map((source) => ({ ...source, value: source })),
    });
    return typeof chosen === 'symbol' ? undefined : chosen;
  }

  #live(session: Session): Source {
    const label = sessionTitle(session, this.context.snapshot());
    return {
      label,
      icon: 'vm-running',
      description: l10n.t('running now'),
      used: l10n.t('Checked against the nodes of {0}, which is running.', label),
      read: (signal) => this.context.lists.ofSession(session, signal),
    };
  }

  #lists(): Promise<readonly KeptList[]> {
    return this.context.kept.all();
  }

  /** The newest list of each machine, except for some. */
  #keptSources(lists: readonly KeptList[], without?: ReadonlySet<MachineId>): readonly Source[] {
    const { kept, clock, snapshot } = this.context;
    const machines = machinesOf(snapshot()).filter(({ id }) => !without?.has(id));
    return lists.flatMap((list, index) => {
      const machine = machines.find(({ id }) => id === list.machineId);
      if (!machine || lists.findIndex(({ machineId }) => machineId === list.machineId) < index) return [];
      const read = age(ageOf(list.at, clock.now()) ?? 0);
      const used =
        list.versionId === machine.versionId
          ? l10n.t('Checked against the nodes of {0}, read {1}.', machine.name, read)
          : l10n.t(
              'Checked against the nodes of {0}, read {1} from an earlier version of the machine.',
              machine.name,
              read,
            );
      return [{ label: machine.name, icon: 'vm', description: read, used, read: () => kept.read(list), machine }];
    });
  }

  /** Machines without a stored list. */
  #roughSources(lists: readonly KeptList[]): readonly Source[] {
    const listed = new Set(lists.map(({ machineId }) => machineId));
    return machinesOf(this.context.snapshot()).flatMap((machine) => {
      if (listed.has(machine.id) || machine.hosting.kind !== 'able') return [];
      const { name } = machine;
      const used = l10n.t(
        'Checked against the packages of {0} and your models. More is known once a session of it has run.',
        name,
      );
      return [{ label: name, icon: 'vm', description: '', used, machine }];
    });
  }
}

/** Its text is written once, for however many lists it is checked against. */
interface Checked extends Pick<WorkflowFile, 'workflow'> {
  readonly asText: (slices: Slices) => Promise<string>;
}

function checked({ workflow }: WorkflowFile): Checked {
  let text: string | undefined;
  const asText = async (slices: Slices) =>
    (text ??= await exactJsonInSlices(workflow.prompt ?? workflow.graph, slices));
  return { workflow, asText };
}

const NOTHING_KNOWN = { packages: undefined, models: undefined, hasMore: true };

function problemOf(finding: Finding): ShownProblem {
  const { wrong, fix } = finding;
  const value = 'value' in wrong ? wrong.value : undefined;
  const mend = fix && value !== undefined ? { mend: { fix, value } } : {};
  return { ...finding, message: findingText(finding), severity: severityOf(wrong), ...mend };
}

async function notice(shown: Thenable<unknown>): Promise<void> {
  await shown;
}
