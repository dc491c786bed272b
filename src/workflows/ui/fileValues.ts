import type * as vscode from 'vscode';
import { seemsWorkflow } from '../../comfyui/workflow';
import type { Clock } from '../../platform/clock';
import { Slices } from '../../platform/slices';
import type { FileValue, NodeHelp } from '../nodeHelp';
import type { Place } from '../places';
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

interface Read<Value = PlacedValue> {
  readonly isDrawn: boolean;
  readonly values: readonly Value[];
}

/** Characters. Longer files get no help: each keystroke would cost much. */
const LONGEST = 1_000_000;
const NONE: Read = { isDrawn: false, values: [] };
/** A text that is being typed has no end yet. */
const UNENDED = /^"(?:[^"\\]|\\.)*$/;

/** The values of workflow documents, each version read once. */
export class FileValues {
  readonly #read = new WeakMap<vscode.TextDocument, { readonly key: string; readonly work: Promise<Read> }>();
  /** What was last in it: help is needed most while a file is being changed, and then it is often no JSON. */
  readonly #last = new WeakMap<vscode.TextDocument, Read<FileValue>>();
  #help: { readonly key: string; readonly work: Promise<Pick<NodeHelp, 'valuesOf'>> } | undefined;

  constructor(private readonly context: FileValuesContext) {}

  /** None for what is no workflow. Of one that is broken at the moment, the values that it still has. */
  async in(document: vscode.TextDocument): Promise<Read> {
    const text = document.getText();
    if (text.length > LONGEST || !seemsWorkflow(text)) return NONE;
    const list = await this.context.nodes();
    const key = `${document.version} ${list?.key ?? ''}`;
    const known = this.#read.get(document);
    if (known?.key === key) return known.work;
    const work = this.#valuesIn(document, text, list).catch(() => NONE); // help is not worth an error message
    this.#read.set(document, { key, work });
    return work;
  }

  async #valuesIn(document: vscode.TextDocument, text: string, list: KeptText | undefined): Promise<Read> {
    const last = (await this.#foundIn(text, list)) ?? this.#last.get(document);
    if (!last) return NONE;
    this.#last.set(document, last);
    const { placesOf } = await import('../places');
    const places = placesOf(text, last.values, true).map((place) => place && withoutRest(place));
    const values = last.values.flatMap((value, index) => {
      const place = places[index];
      return place ? [{ ...value, range: rangeOf(place), json: place.text }] : [];
    });
    return { isDrawn: last.isDrawn, values };
  }

  async #foundIn(text: string, list: KeptText | undefined): Promise<Read<FileValue> | undefined> {
    const workflow = await workflowInText(text, this.context.clock);
    if (!workflow) return undefined;
    const help = await this.#helpBy(list);
    return { isDrawn: workflow.graph !== undefined, values: help.valuesOf(workflow) };
  }

  #helpBy(list: KeptText | undefined): Promise<Pick<NodeHelp, 'valuesOf'>> {
    const key = list?.key ?? '';
    if (this.#help?.key !== key) this.#help = { key, work: readHelp(list, this.context.clock) };
    return this.#help.work;
  }
}

/** A text without an end seems to go on to the end of its line. */
function withoutRest(place: Place): Place {
  if (!UNENDED.test(place.text)) return place;
  const text = place.text.trimEnd().replace(/,$/, '');
  return { ...place, text, end: { ...place.start, character: place.start.character + text.length } };
}

async function readHelp(list: KeptText | undefined, clock: Clock): Promise<Pick<NodeHelp, 'valuesOf'>> {
  const { nodeHelp } = await import('../conversion');
  return nodeHelp(await list?.read(), new Slices(clock));
}
