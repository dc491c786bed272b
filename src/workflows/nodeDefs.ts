/** ComfyUI's node definitions from `/object_info`, as its page interprets them. */

export type Fields = Readonly<Record<string, unknown>>;

export interface InputDef {
  readonly name: string;
  /** `COMBO` for a list of choices. */
  readonly type: string;
  readonly options: Fields;
  readonly choices: readonly unknown[];
  /** It always has a socket, whatever its type. */
  readonly isForced: boolean;
}

export interface NodeDef {
  readonly type: string;
  readonly title: string;
  /** Required before optional. */
  readonly inputs: readonly InputDef[];
  /** Types; `COMBO` for a list of choices. */
  readonly outputs: readonly string[];
  readonly outputNames: readonly string[];
  /** Its own script in the page reads `widgets_values` by name. */
  readonly readsByName: boolean;
}

/** Computed when first needed, once for each node type. */
export function onceFor<T>(make: (def: NodeDef) => T): (def: NodeDef) => T {
  const made = new WeakMap<NodeDef, { readonly value: T }>();
  return (def) => {
    const known = made.get(def) ?? { value: make(def) };
    made.set(def, known);
    return known.value;
  };
}

/** The page adds inputs to these, to play or show media. */
const PLAYERS = new Set(['LoadAudio', 'SaveAudio', 'PreviewAudio', 'SaveAudioMP3']);
const VIEWERS = new Set(['Preview3D', 'SaveGLB']);
const UPLOADS = ['image_upload', 'video_upload', 'animated_image_upload'];

/** The nodes of one server, each parsed when first needed. */
export class NodeList<T> {
  readonly #info: Fields;
  readonly #known = new Map<string, T | undefined>();

  /** @param objectInfo the whole answer of `/object_info`. */
  constructor(
    objectInfo: unknown,
    private readonly read: (type: string, raw: Fields) => T,
  ) {
    this.#info = fieldsOf(objectInfo);
  }

  of(type: string): T | undefined {
    if (this.#known.has(type)) return this.#known.get(type);
    const raw = Object.hasOwn(this.#info, type) ? this.#info[type] : undefined;
    const node = isFields(raw) ? this.read(type, raw) : undefined;
    this.#known.set(type, node);
    return node;
  }
}

export class NodeDefs extends NodeList<NodeDef> {
  constructor(objectInfo: unknown) {
    super(objectInfo, read);
  }
}

/** Per group of a node. Real nodes have a few hundred at most. */
const MOST_INPUTS = 10_000;

function firstOf(group: unknown): Fields {
  const fields = fieldsOf(group);
  const names = Object.keys(fields);
  if (names.length <= MOST_INPUTS) return fields;
  return Object.fromEntries(names.slice(0, MOST_INPUTS).map((name) => [name, fields[name]]));
}

/** The inputs in an object with `required` and `optional` ones, such as that of a node or of one choice. */
export function inputsIn(input: Fields, prefix = ''): readonly InputDef[] {
  const found = new Map<string, InputDef>();
  for (const group of ['required', 'optional'])
    for (const [name, spec] of Object.entries(firstOf(input[group]))) {
      const def = inputOf(`${prefix}${name}`, spec);
      if (def) found.set(name, def);
    }
  return [...found.values()];
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text, or a number as text. */
export function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}

function read(type: string, raw: Fields): NodeDef {
  const input = fieldsOf(raw['input']);
  const display = raw['display_name'];
  const module = raw['python_module'];
  return {
    type,
    title: typeof display === 'string' && display !== '' ? display : type,
    inputs: inOrder(withAdded(type, input), raw['input_order']),
    outputs: itemsOf(raw['output']).map(typeOf),
    outputNames: itemsOf(raw['output_name']).map(String),
    readsByName: type.startsWith('VHS_') || (typeof module === 'string' && module.includes('VideoHelperSuite')),
  };
}

/** Adds the inputs that the page adds to the required ones. */
function withAdded(type: string, input: Fields): Fields {
  const required = firstOf(input['required']);
  const added: Record<string, unknown> = {};
  if (PLAYERS.has(type)) added['audioUI'] = ['AUDIO_UI', {}];
  if (fieldsOf(itemsOf(required['audio'])[1])['audio_upload'] === true) added['upload'] = ['AUDIOUPLOAD', {}];
  if (VIEWERS.has(type)) added['image'] = ['PREVIEW_3D', {}];
  if (Object.values(required).some(isUpload)) added['upload'] = ['IMAGEUPLOAD', {}];
  return { required: { ...required, ...added }, optional: input['optional'] };
}

function isUpload(spec: unknown): boolean {
  const [type, options] = itemsOf(spec);
  return typeOf(type) === 'COMBO' && UPLOADS.some((key) => fieldsOf(options)[key] === true);
}

/** In the order of `input_order`; others come last. */
function inOrder(input: Fields, input_order: unknown): readonly InputDef[] {
  const inputs = inputsIn(input);
  if (!isFields(input_order)) return inputs;
  const rest = new Map(inputs.map((one) => [one.name, one]));
  const optional = fieldsOf(input['optional']);
  const ordered = ['required', 'optional'].flatMap((group) =>
    itemsOf(input_order[group]).flatMap((name) => {
      const one = typeof name === 'string' ? rest.get(name) : undefined;
      if (!one || Object.hasOwn(optional, one.name) !== (group === 'optional')) return [];
      rest.delete(one.name);
      return [one];
    }),
  );
  return [...ordered, ...rest.values()];
}

function inputOf(name: string, spec: unknown): InputDef | undefined {
  if (!Array.isArray(spec)) return undefined;
  const [type, given] = itemsOf(spec);
  const options = fieldsOf(given);
  const choices = Array.isArray(type) ? itemsOf(type) : itemsOf(options['options']);
  return { name, type: typeOf(type), options, choices, isForced: Boolean(options['forceInput']) };
}

function typeOf(type: unknown): string {
  if (Array.isArray(type)) return 'COMBO';
  return typeof type === 'string' ? type : '*';
}
