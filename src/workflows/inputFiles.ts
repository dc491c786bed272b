import { kindOf } from '../comfyui/fileKinds';
import { isSafePath } from '../comfyui/fileNames';
import type { Graph, Prompt } from '../comfyui/workflow';
import { spelledLike, withMember } from '../platform/spelling';
import { fieldsOf, inputsIn, isFields, itemsOf, textOr, type Fields } from './nodeDefs';

/** An input whose value names a file. */
export interface NamedFile {
  readonly nodeId: string;
  readonly classType: string;
  readonly input: string;
  /** The value in the prompt, without the folder of inputs. */
  readonly path: string;
}

/** Of one prompt. */
const MOST_FILES = 500;
const MEDIA = new Set(['image', 'video', 'audio', '3D']);
/** The suffix by which nodes name one of ComfyUI's folders. */
const FOLDER = / \[(?:input|output|temp)\]$/;

/** Values that look like files that nodes read. A node that feeds no other does not run, so it is left out. */
export function filesNamedIn(prompt: Prompt): readonly NamedFile[] {
  const found: NamedFile[] = [];
  const values = Object.values(prompt).flatMap(({ inputs }) => Object.values(inputs));
  const feeders = new Set<unknown>(values.map((value) => itemsOf(value)[0]));
  for (const [nodeId, { class_type: classType, inputs }] of Object.entries(prompt))
    for (const [input, value] of feeders.has(nodeId) ? Object.entries(inputs) : []) {
      if (found.length >= MOST_FILES) return found;
      if (typeof value !== 'string' || value.length > LONGEST) continue;
      const path = value.replace(/ \[input\]$/, '');
      if (MEDIA.has(kindOf({ filename: path })) && !FOLDER.test(path)) found.push({ nodeId, classType, input, path });
    }
  return found;
}

const LONGEST = 1_000;

/** The existing files for the upload inputs of a node type. @param objectInfo of that type. */
export function uploadsOf(objectInfo: unknown, classType: string): ReadonlyMap<string, ReadonlySet<unknown>> {
  const uploads = inputsIn(fieldsOf(fieldsOf(fieldsOf(objectInfo)[classType])['input'])).filter(
    ({ options }) =>
      !options['remote'] && Object.entries(options).some(([key, is]) => key.endsWith('_upload') && is === true),
  );
  return new Map(uploads.map(({ name, choices }) => [name, new Set(choices)]));
}

/**
 * Where a file may be, relative to its workflow: with its whole path, or its last part. Empty if the path leads
 * outside.
 */
export function placesBeside(path: string): readonly string[] {
  const name = lastPartOf(path);
  return [...new Set([path.replaceAll('\\', '/'), name])].filter(isSafePath);
}

/** Without folders. */
export function lastPartOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** A glob that matches files with exactly this name, and possibly some others. */
export function globOf(name: string): string {
  return `**/${name.replace(/[[\]{}*?!,]/g, '?')}`;
}

/** A prompt with one other value; everything else is written as before. @param text the spelling of a number. */
export function withInput(prompt: Prompt, nodeId: string, input: string, value: unknown, text?: string): Prompt {
  const node = prompt[nodeId];
  if (!node) return prompt;
  const inputs = withMember(node.inputs, input, value, text);
  return withMember(prompt, nodeId, withMember(node, 'inputs', inputs));
}

/**
 * The drawn workflow with the file names that a changed prompt has, since outputs carry it: whoever opens it from there
 * should see the files that were used. Everything else is written as before.
 */
export function graphWithInputs(graph: Graph, before: Prompt, after: Prompt): Graph {
  const renamed = new Map<string, string>();
  for (const [id, { class_type, inputs }] of Object.entries(after)) {
    const old = before[id]?.inputs;
    if (!old || old === inputs) continue;
    for (const [input, value] of Object.entries(inputs))
      if (typeof value === 'string' && old[input] !== value) renamed.set(placeKey(id, class_type, old[input]), value);
  }
  if (renamed.size === 0) return graph;
  const definitions = fieldsOf(graph['definitions']);
  const subgraphs = definitions['subgraphs'];
  const whole = withNames(graph, renamed);
  if (!Array.isArray(subgraphs)) return whole;
  const inner = subgraphs.map((net: unknown) => (isFields(net) ? withNames(net, renamed) : net));
  return withMember(whole, 'definitions', withMember(definitions, 'subgraphs', spelledLike(inner, subgraphs)));
}

/** Prompts name nodes inside subgraphs by the ids of all that they are in; files by their own alone. */
function placeKey(id: string, type: unknown, value: unknown): string {
  return JSON.stringify([id.slice(id.lastIndexOf(':') + 1), type, value]);
}

function withNames(net: Graph, renamed: ReadonlyMap<string, string>): Graph {
  const nodes = net['nodes'];
  if (!Array.isArray(nodes)) return net;
  const changed = nodes.map((node: unknown) => (isFields(node) ? named(node, renamed) : node));
  return withMember(net, 'nodes', spelledLike(changed, nodes));
}

function named(node: Fields, renamed: ReadonlyMap<string, string>): Fields {
  const values = node['widgets_values'];
  const nameOf = (value: unknown) => renamed.get(placeKey(textOr(node['id'], ''), node['type'], value)) ?? value;
  if (Array.isArray(values)) return withMember(node, 'widgets_values', spelledLike(values.map(nameOf), values));
  if (!isFields(values)) return node;
  const changed = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, nameOf(value)]));
  return withMember(node, 'widgets_values', spelledLike(changed, values));
}
