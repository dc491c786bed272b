import { spell, spellingOf, wordOf } from '../platform/spelling';
import { inputsIn, isFields, itemsOf, onceFor, type Fields, type InputDef, type NodeDef } from './nodeDefs';

/** A value and where it was read, since its number may be written differently there. */
export interface Held {
  readonly value: unknown;
  readonly from?: { readonly container: object; readonly key: string };
  /** Of a text in which the page chooses when it sends it: the text before. */
  readonly unchosen?: string;
}

/** A value that a node shows and stores. */
export interface WidgetDef {
  readonly name: string;
  /** Its input; undefined for buttons and the like. */
  readonly input: InputDef | undefined;
  readonly start: Held;
  readonly isSent: boolean;
  /** Whether it has an entry in `widgets_values`. */
  readonly hasPlace: boolean;
}

export interface Widget {
  readonly def: WidgetDef;
  held: Held;
}

/** A list whose choices have inputs of their own. */
const DYNAMIC = 'COMFY_DYNAMICCOMBO_V3';
const PLAIN = new Set([
  ...['INT', 'FLOAT', 'STRING', 'BOOLEAN', 'COMBO', DYNAMIC, 'MARKDOWN', 'TEXTAREA', 'COLOR'],
  ...['BOUNDING_BOX', 'CHART', 'GALLERIA', 'IMAGECOMPARE', 'PAINTER', 'CURVE', 'RANGE'],
  ...['IMAGEUPLOAD', 'AUDIOUPLOAD', 'AUDIO_UI', 'PREVIEW_3D'],
]);
/** Their values are created while the page is open: by a camera, a microphone, a scene. */
const LIVE = new Set(['WEBCAM', 'AUDIO_RECORD', 'LOAD_3D']);
const SEEDS = new Set(['seed', 'noise_seed']);

export function isWidget({ type, isForced }: InputDef): boolean {
  return !isForced && (PLAIN.has(type) || LIVE.has(type));
}

/** Whether only the page knows its value. */
export function isLive({ type }: InputDef): boolean {
  return LIVE.has(type);
}

/** The widgets of a node with their values from a file. Missing values are replaced by the initial ones. */
export function readWidgets(def: NodeDef, given: unknown): readonly Widget[] {
  const values = Array.isArray(given) ? withoutDummies(def, given) : given;
  const next = valuesIn(values, def.readsByName);
  const { defs, isDynamic } = widgetsOf(def);
  if (!isDynamic) return defs.map((one) => ({ def: one, held: (one.hasPlace ? next(one) : undefined) ?? one.start }));
  const open = defs.toReversed();
  const widgets: Widget[] = [];
  for (let one = open.pop(); one; one = open.pop()) {
    const widget = { def: one, held: (one.hasPlace ? next(one) : undefined) ?? one.start };
    widgets.push(widget);
    for (const inner of chosen(widget).reverse()) open.push(inner);
  }
  return widgets;
}

const widgetsOf = onceFor(({ inputs }) => {
  const shown = inputs.filter(isWidget);
  return { defs: shown.flatMap(widgetDefs), isDynamic: shown.some(({ type }) => type === DYNAMIC) };
});

/** The values of a file in turn: undefined if one is missing, so that the initial one stays. */
export function valuesIn(values: unknown, isByName = false): (def: WidgetDef) => Held | undefined {
  let place = 0;
  if (Array.isArray(values)) {
    const list: readonly unknown[] = values;
    return () => {
      const key = place++;
      return key < list.length ? { value: list[key], from: { container: list, key: String(key) } } : undefined;
    };
  }
  if (!isFields(values)) return () => undefined;
  return ({ name, input }) => {
    const key = isByName ? name : String(place++);
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if (value !== undefined) return { value, from: { container: values, key } };
    return isByName || input?.type === 'COMBO' ? undefined : { value };
  };
}

/** Finds a widget by name; the first one counts. */
export function finderOf(widgets: readonly Widget[]): (name: string) => Widget | undefined {
  let byName: ReadonlyMap<string, Widget> | undefined;
  return (name) => {
    byName ??= new Map(widgets.toReversed().map((widget) => [widget.def.name, widget]));
    return byName.get(name);
  };
}

/** All widgets of one input, in the order in which files store their values. */
export function widgetDefs(input: InputDef): readonly WidgetDef[] {
  const { name, type, options } = input;
  const main: WidgetDef = { name, input, start: startOf(input), isSent: true, hasPlace: true };
  const control = Boolean(options['control_after_generate'] ?? (type === 'INT' && SEEDS.has(name)));
  switch (type) {
    case 'INT':
    case 'FLOAT':
      return control ? [main, unsent('control_after_generate', 'randomize')] : [main];
    case 'COMBO':
      return [main, ...refreshOf(options), ...(control ? comboControls() : [])];
    case 'IMAGEUPLOAD':
    case 'AUDIOUPLOAD':
      return [{ ...main, isSent: false }];
    case 'AUDIO_UI':
      return [{ ...main, start: { value: '' }, hasPlace: false }];
    case 'LOAD_3D':
      return [...LOADERS, main];
    default:
      return [main];
  }
}

export function comboControls(): readonly WidgetDef[] {
  return [unsent('control_after_generate', 'randomize'), unsent('control_filter_list', '')];
}

function unsent(name: string, value: string): WidgetDef {
  return { name, input: undefined, start: { value }, isSent: false, hasPlace: true };
}

function button([name, value]: readonly [string, string]): WidgetDef {
  return { name, input: undefined, start: { value }, isSent: true, hasPlace: true };
}

const LOADERS = Object.entries({
  'upload 3d model': 'upload3dmodel',
  'upload extra resources': 'uploadExtraResources',
  clear: 'clear',
}).map(button);

function refreshOf({ remote }: Fields): readonly WidgetDef[] {
  return isFields(remote) && remote['refresh_button'] === true ? [button(['refresh', 'refresh'])] : [];
}

function startOf({ type, options, choices }: InputDef): Held {
  const given = options['default'];
  const held: Held = { value: given, from: { container: options, key: 'default' } };
  switch (type) {
    case 'INT':
    case 'FLOAT':
      return given == null ? { value: 0 } : held;
    case 'BOOLEAN':
      return given == null ? { value: false } : held;
    case 'COMBO':
      if (options['multi_select']) return { value: [] };
      if (given) return held;
      if (choices.length > 0) return { value: choices[0], from: { container: choices, key: '0' } };
      return { value: isFields(options['remote']) ? 'Loading...' : undefined };
    case DYNAMIC:
      return { value: given ?? isFieldsAt(choices, 0)?.['key'] };
    default:
      return given == null ? { value: '' } : held;
  }
}

/** The widgets of the selected choice of a dynamic list. */
function chosen({ def: { name, input }, held: { value } }: Widget): WidgetDef[] {
  return input ? chosenInputs(input, name, value).filter(isWidget).flatMap(widgetDefs) : [];
}

/** @param value of the list. */
export function chosenInputs({ type, choices }: InputDef, name: string, value: unknown): readonly InputDef[] {
  if (type !== DYNAMIC) return [];
  const choice = choices.find((one) => isFields(one) && one['key'] === value);
  const inputs = isFields(choice) ? choice['inputs'] : undefined;
  return isFields(inputs) ? inputsIn(inputs, `${name}.`) : [];
}

function isFieldsAt(list: readonly unknown[], index: number): Fields | undefined {
  const one = itemsOf(list)[index];
  return isFields(one) ? one : undefined;
}

/**
 * Older files have a value for each socket of this kind. They are recognized by the number of values alone, and for
 * that the page counts an entry after a seed only if its node asks for one.
 */
function withoutDummies(def: NodeDef, values: readonly unknown[]): unknown {
  if (!def.inputs.some(({ isForced }) => isForced)) return values;
  const places = def.inputs
    .filter((input) => input.isForced || isWidget(input))
    .flatMap(({ isForced, options }) => (options['control_after_generate'] ? [isForced, false] : [isForced]));
  if (places.length !== values.length) return values;
  // By position, so that each value is still found where it was read.
  const kept = places.flatMap((isDummy, index) => (isDummy ? [] : [index]));
  return spelledFrom(kept, values);
}

function spelledFrom(kept: readonly number[], values: readonly unknown[]): unknown {
  const numbers = new Map<string, string>();
  const list = kept.map((from, to) => {
    const value = values[from];
    const spelled = typeof value === 'number' ? spellingOf(values, String(from), value) : wordOf(values, String(from));
    if (spelled !== undefined) numbers.set(String(to), spelled);
    return value;
  });
  spell(list, { numbers, keys: undefined });
  return list;
}
