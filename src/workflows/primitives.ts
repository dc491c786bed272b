import type { DrawnNode, Net, Target } from './drawnGraph';
import { fieldsOf, itemsOf, type Fields } from './nodeDefs';
import type { Held, Widget } from './widgets';

/** Options that do not keep two inputs from sharing a value. */
const IGNORED = new Set([
  ...['default', 'forceInput', 'defaultInput', 'control_after_generate', 'multiline', 'tooltip', 'dynamicPrompts'],
  ...['min', 'max', 'step'],
]);
const LARGEST = 2048;

export interface Around {
  /** The widget for a socket, in the node itself or inside a subgraph. */
  readonly widgetOf: (target: Target) => Widget | undefined;
  /** Inserts the values of widgets. */
  readonly replaced: (text: string) => string;
}

interface Limits {
  readonly type: string;
  readonly options: Fields;
}

/**
 * Writes the value of each primitive of a canvas into the widgets that it leads to, as the page does before sending.
 */
export function applyPrimitives(net: Net, around: Around): void {
  for (const node of net.nodes) if (node.kind === 'primitive') apply(node, net, around);
}

function apply(node: DrawnNode, net: Net, { widgetOf, replaced }: Around): void {
  const links = itemsOf(fieldsOf(itemsOf(node.raw['outputs'])[0])['links']).map(String);
  const widgets = links.flatMap((link) => {
    const target = net.targets.get(link);
    return (target && widgetOf(target)) ?? [];
  });
  const [first] = widgets;
  if (!first) return;
  const held = together(valueOf(node, first), widgets.map(limitsOf));
  const isReplaced = fieldsOf(node.raw['properties'])['Run widget replace on values'] === true;
  const { value } = held;
  const sent = isReplaced && typeof value === 'string' ? { value: replaced(value) } : held;
  for (const widget of widgets) widget.held = fitted(sent, limitsOf(widget));
}

function valueOf({ raw: { widgets_values } }: DrawnNode, target: Widget): Held {
  const values = itemsOf(widgets_values);
  return values.length > 0 ? { value: values[0], from: { container: values, key: '0' } } : target.held;
}

function limitsOf({ def: { input } }: Widget): Limits {
  return { type: input?.type ?? '*', options: input?.options ?? {} };
}

/** A number has to fit all inputs that it leads to. */
function together(held: Held, all: readonly Limits[]): Held {
  let limits = all[0];
  if (!limits || !isNumber(limits)) return held;
  let result = held;
  for (const one of all) {
    const merged = merge(limits, one);
    if (!merged) continue;
    limits = merged;
    const { min, max } = rangeOf(merged, 0, LARGEST);
    const within = Number(result.value) < min ? { value: min } : Number(result.value) > max ? { value: max } : result;
    result = fitted(within, merged);
  }
  return result;
}

/** Undefined if the two ranges do not overlap. */
function merge(one: Limits, other: Limits): Limits | undefined {
  if (one.type !== other.type) return undefined;
  const [first, second] = [rangeOf(one, -Infinity, Infinity), rangeOf(other, -Infinity, Infinity)];
  if (first.min > second.max || first.max < second.min) return undefined;
  const keys = new Set([...Object.keys(one.options), ...Object.keys(other.options)]);
  for (const key of keys) {
    const [a, b] = [one.options[key] ?? undefined, other.options[key] ?? undefined];
    if (!IGNORED.has(key) && a !== b) return undefined;
  }
  const step = commonStep(numberOr(one.options['step'], 1), numberOr(other.options['step'], 1));
  const range = { min: Math.max(first.min, second.min), max: Math.min(first.max, second.max), step };
  return { type: one.type, options: { ...one.options, ...other.options, ...range } };
}

function rangeOf({ options }: Limits, least: number, most: number): { readonly min: number; readonly max: number } {
  return { min: numberOr(options['min'], least), max: numberOr(options['max'], most) };
}

/** The smallest common multiple. */
function commonStep(first: number, second: number): number {
  if (first === second) return first;
  let [a, b] = [Math.max(first, second), Math.min(first, second)];
  while (b > 1e-9) [a, b] = [b, a % b];
  return Math.abs(first * second) / a;
}

/** A number as the input accepts it. */
function fitted(held: Held, limits: Limits): Held {
  if (!isNumber(limits)) return held;
  const number = Number(held.value);
  const value = limits.type === 'INT' ? whole(number, limits) : rounded(held.value, number, limits);
  return Object.is(value, held.value)
    ? held
    : { value: typeof value === 'number' && Number.isNaN(value) ? null : value };
}

function whole(number: number, limits: Limits): number {
  const { min, max } = rangeOf(limits, 0, LARGEST);
  const step = numberOr(limits.options['step'], 1) || 1;
  const offset = Number.isFinite(min) ? min % step : 0;
  const nearest = step === 1 ? Math.round(number) : Math.round((number - offset) / step) * step + offset;
  return Math.min(Math.max(nearest, min), max);
}

function rounded(value: unknown, number: number, limits: Limits): unknown {
  const step = numberOr(limits.options['step'], 0.5);
  const digits = Math.min(100, Math.max(0, -Math.floor(Math.log10(step))));
  const given = numberOr(limits.options['round'], 0);
  const unit = given || (digits > 0 ? 10 ** -digits : 0);
  if (!unit) return value;
  const { min, max } = rangeOf(limits, 0, LARGEST);
  return Math.min(Math.max(Number((Math.round(number / unit) * unit).toFixed(digits)), min), max);
}

function isNumber({ type }: Limits): boolean {
  return type === 'INT' || type === 'FLOAT';
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
