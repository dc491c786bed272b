import { CheckedNodes } from './checkedNodes';
import { checkingPrompt, type CheckedPrompt } from './checkPrompt';
import type { DrawnNode } from './drawnGraph';
import type { Finding, Wrong } from './findings';
import { fieldsOf, isFields, itemsOf, textOr, type Fields } from './nodeDefs';
import { NotConverted } from './notConverted';
import { compareVersions, CORE, orderedAs, packageOf, type NodePackage, type OrderedPackage } from './packages';
import { converting, type Conversion } from './promptFrom';

/** What is known of a machine besides its nodes. */
export interface MachineFacts {
  /** Undefined if not known. */
  readonly packages: readonly OrderedPackage[] | undefined;
  /** Of its ComfyUI. */
  readonly version: string | undefined;
}

export type CheckedWorkflow =
  { readonly graph: Fields; readonly prompt?: undefined } | { readonly prompt: CheckedPrompt };

/**
 * What is wrong with a workflow on a machine, before anything is paid for, node by node.
 * @param objectInfo the answer of `/object_info`.
 */
export function* checkingWorkflow(
  workflow: CheckedWorkflow,
  objectInfo: unknown,
  machine: MachineFacts,
): Generator<void, readonly Finding[], void> {
  const nodes = new CheckedNodes(objectInfo);
  if (workflow.prompt) return yield* checkingPrompt(workflow.prompt, nodes);
  const { graph } = workflow;
  const conversion = yield* convertedOr(graph, objectInfo);
  if (!('prompt' in conversion)) return [conversion];
  const { prompt, unsendable, drawn } = conversion;
  const types = new Map(unsendable.map(({ id, type }) => [id, type]));
  const findings = yield* checkingPrompt(prompt, nodes);
  const found = findings.map((finding) => withDrawn(finding, drawn, types, machine));
  const live = unsendable.filter(({ why }) => why === 'live').map(({ id, type }) => at(id, type, { kind: 'live' }));
  return [...found, ...live, ...otherVersions(graph, machine)];
}

function* convertedOr(graph: Fields, objectInfo: unknown): Generator<void, Conversion | Finding, void> {
  try {
    return yield* converting(graph, objectInfo);
  } catch (error) {
    if (!(error instanceof NotConverted)) throw error;
    const { reason } = error;
    return at('node' in reason ? reason.node : '', undefined, { kind: 'broken', reason });
  }
}

function at(nodeId: string, classType: string | undefined, wrong: Wrong): Finding {
  return { nodeId, classType, input: undefined, wrong };
}

/** Adds what the file says about the node. */
function withDrawn(
  finding: Finding,
  drawn: ReadonlyMap<string, DrawnNode>,
  types: ReadonlyMap<string, string>,
  { packages }: MachineFacts,
): Finding {
  const node = drawn.get(finding.nodeId);
  if (!node) return finding;
  const { raw, type } = node;
  if (finding.wrong.kind === 'unknown') {
    const pack = packageOf(raw['properties']);
    const isOrdered = pack && packages ? orderedAs(pack, packages) !== undefined : undefined;
    const classType = types.get(finding.nodeId) ?? type;
    return { ...finding, classType, wrong: { kind: 'unknown', pack: pack?.name, isOrdered } };
  }
  const from = finding.input === undefined ? undefined : node.widgetOf(finding.input)?.held.from;
  return from && from.container === raw['widgets_values'] ? { ...finding, valueKey: from.key } : finding;
}

/** One for each package. Older workflows run on a newer ComfyUI, so that is not reported. */
function otherVersions(graph: Fields, { packages, version }: MachineFacts): readonly Finding[] {
  const findings = new Map<string, Finding | undefined>();
  for (const { id, type, pack } of drawnPackages(graph)) {
    const { name, version: wanted } = pack;
    if (wanted === undefined || findings.has(name)) continue;
    const found = name === CORE ? version : packages && orderedAs(pack, packages)?.version;
    const order = found === undefined ? undefined : compareVersions(wanted, found);
    const isOther = order !== undefined && (name === CORE ? order > 0 : order !== 0);
    if (found !== undefined && isOther)
      findings.set(name, at(id, type, { kind: 'version', pack: name, wanted, found }));
    else findings.set(name, undefined);
  }
  return [...findings.values()].filter((finding) => finding !== undefined);
}

function* drawnPackages(graph: Fields): Generator<{ id: string; type: string; pack: NodePackage }> {
  const subgraphs = itemsOf(fieldsOf(graph['definitions'])['subgraphs']);
  for (const [place, net] of [graph, ...subgraphs].entries())
    for (const node of itemsOf(fieldsOf(net)['nodes'])) {
      if (!isFields(node)) continue;
      const pack = packageOf(node['properties']);
      const [id, type] = [textOr(node['id'], ''), textOr(node['type'], '')];
      // Inside a subgraph, it does not matter which one.
      if (pack) yield { id: place === 0 ? id : `:${id}`, type, pack };
    }
}
