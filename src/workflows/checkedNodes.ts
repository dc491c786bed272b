import { fieldsOf, inputsIn, itemsOf, NodeList, type Fields, type InputDef } from './nodeDefs';

/** A node type as the server checks it, without inputs that only the page adds. */
export interface CheckedNode {
  readonly required: readonly TakenInput[];
  readonly optional: readonly TakenInput[];
  /** Types; `COMBO` for a list of choices. */
  readonly outputs: readonly string[];
  readonly isOutput: boolean;
  readonly isPaid: boolean;
}

/** One input of a node type. */
export class TakenInput {
  #choices: ReadonlySet<unknown> | undefined;
  #alike: ReadonlyMap<string, readonly string[]> | undefined;
  #isUpload: boolean | undefined;

  constructor(readonly def: InputDef) {}

  /** Whether files can be uploaded to the folder that it lists. */
  get isUpload(): boolean {
    const { options } = this.def;
    return (this.#isUpload ??= Object.entries(options).some(([key, is]) => key.endsWith('_upload') && is === true));
  }

  /** Equality as in Python: `true` is 1. */
  has(value: unknown): boolean {
    this.#choices ??= new Set(this.def.choices.map(plain));
    return this.#choices.has(plain(value));
  }

  /** The only choice with the same name except for folder, extension and spelling. */
  onlyLike(value: string): string | undefined {
    this.#alike ??= byLikeness(this.def.choices);
    const [only, ...others] = this.#alike.get(likeness(value)) ?? [];
    return others.length === 0 ? only : undefined;
  }
}

export class CheckedNodes extends NodeList<CheckedNode> {
  constructor(objectInfo: unknown) {
    super(objectInfo, (_, raw) => read(raw));
  }
}

function read(raw: Fields): CheckedNode {
  const input = fieldsOf(raw['input']);
  const { required, optional } = { required: undefined, optional: undefined, ...input };
  const taken = (group: Fields) => inputsIn(group).map((def) => new TakenInput(def));
  return {
    required: taken({ required }),
    optional: taken({ optional }),
    outputs: itemsOf(raw['output']).map((type) => (typeof type === 'string' ? type : 'COMBO')),
    isOutput: raw['output_node'] === true,
    isPaid: raw['api_node'] === true,
  };
}

function plain(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value;
}

function byLikeness(choices: readonly unknown[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const choice of choices) {
    if (typeof choice !== 'string') continue;
    const key = likeness(choice);
    const known = found.get(key);
    if (known) known.push(choice);
    else found.set(key, [choice]);
  }
  return found;
}

/** File extensions of models. */
const ENDING = /\.(?:safetensors|sft|ckpt|pth?|bin|gguf|onnx)$/;

function likeness(name: string): string {
  const own = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).toLowerCase();
  return own.replace(ENDING, '').replace(/[-_ .]/g, '');
}
