import type * as vscode from 'vscode';
import { seemsWorkflow } from '../../comfyui/workflow';
import type { Clock } from '../../platform/clock';
import { Slices } from '../../platform/slices';
import type { FileValue, NodeHelp } from '../nodeHelp';
import { workflowInText } from './workflowFile';
import { rangeOf } from './workflowProblems';

export interface FileValuesContext {
  readonly clock: Clock;
  /** The newest list of nodes that is kept. */
  readonly nodes: () => Promise<KeptText | undefined>;
}

interface KeptText {
  /** Names the list. */
  readonly key: string;
  readonly read: () => Promise<string | undefined>;
}

/** A value with its place in the document. */
export interface PlacedValue extends FileValue {
  readonly range: vscode.Range;
  /** As it is written. */
  readonly json: string;
}

interface Read {
  readonly isDrawn: boolean;
  readonly values: readonly PlacedValue[];
}

/** Characters. Longer files get no help: each keystroke would cost much. */
const LONGEST = 1_000_000;
const NONE: Read = { isDrawn: false, values: [] };

/** The values of workflow documents, each version read once. */
export class FileValues {
  readonly #read = new WeakMap<vscode.TextDocument, { readonly key: string; readonly work: Promise<Read> }>();
  #help: { readonly key: string; readonly work: Promise<Pick<NodeHelp, 'valuesOf'>> } | undefined;

  constructor(private readonly context: FileValuesContext) {}

  /** None for what is no workflow, or is broken at the moment. */
  async in(document: vscode.TextDocument): Promise<Read> {
    const text = document.getText();
    if (text.length > LONGEST || !seemsWorkflow(text)) return NONE;
    const list = await this.context.nodes();
    const key = `${document.version} ${list?.key ?? ''}`;
    const known = this.#read.get(document);
    if (known?.key === key) return known.work;
    const work = this.#valuesIn(text, list).catch(() => NONE); // help is not worth an error message
    this.#read.set(document, { key, work });
    return work;
  }

  async #valuesIn(text: string, list: KeptText | undefined): Promise<Read> {
    const workflow = await workflowInText(text, this.context.clock);
    if (!workflow) return NONE;
    const help = await this.#helpBy(list);
    const found = help.valuesOf(workflow);
    const { placesOf } = await import('../places');
    const places = placesOf(text, found);
    const values = found.flatMap((value, index) => {
      const place = places[index];
      return place ? [{ ...value, range: rangeOf(place), json: place.text }] : [];
    });
    return { isDrawn: workflow.graph !== undefined, values };
  }

  #helpBy(list: KeptText | undefined): Promise<Pick<NodeHelp, 'valuesOf'>> {
    const key = list?.key ?? '';
    if (this.#help?.key !== key) this.#help = { key, work: readHelp(list, this.context.clock) };
    return this.#help.work;
  }
}

async function readHelp(list: KeptText | undefined, clock: Clock): Promise<Pick<NodeHelp, 'valuesOf'>> {
  const { nodeHelp } = await import('../conversion');
  return nodeHelp(await list?.read(), new Slices(clock));
}
