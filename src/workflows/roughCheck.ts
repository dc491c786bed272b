import type { Workflow } from '../comfyui/workflow';
import { isModel, type Finding } from './findings';
import { fieldsOf, itemsOf, textOr, type Fields } from './nodeDefs';
import { CORE, orderedAs, packageOf, type OrderedPackage } from './packages';

/** What is known of a machine without a session. */
export interface RoughFacts {
  readonly packages: readonly OrderedPackage[] | undefined;
  /** Names as in ComfyUI's lists. */
  readonly models: ReadonlySet<string> | undefined;
  /** It may have others too. */
  readonly hasMore: boolean;
}

/** Names in a list of model files, without the folder of their kind. */
export function modelNames(files: readonly unknown[]): ReadonlySet<string> {
  const paths = files.map((file) => textOr(fieldsOf(file)['path'], ''));
  return new Set(paths.map((path) => path.slice(path.indexOf('/') + 1)).filter(isModel));
}

/** Removes models that were added since the machine's nodes were listed. */
export function withoutThere(findings: readonly Finding[], { models }: RoughFacts): readonly Finding[] {
  return findings.filter(({ wrong }) => wrong.kind !== 'notInList' || !models?.has(asListed(wrong.value)));
}

/** Nodes whose packages the machine is not built with, and models that do not exist. */
export function roughFindings({ graph, prompt }: Workflow, facts: RoughFacts): readonly Finding[] {
  if (prompt || !graph)
    return Object.entries(prompt ?? {}).flatMap(([id, { class_type, inputs }]) =>
      missingModels(id, class_type, inputs, facts),
    );
  const subgraphs = itemsOf(fieldsOf(graph['definitions'])['subgraphs']);
  return [graph, ...subgraphs].flatMap((net, place) =>
    itemsOf(fieldsOf(net)['nodes']).flatMap((node) => ofNode(fieldsOf(node), place > 0, facts)),
  );
}

/** Muted or bypassed. */
const SILENT: readonly unknown[] = [2, 4];

function ofNode(node: Fields, isInside: boolean, facts: RoughFacts): readonly Finding[] {
  const { type, mode, widgets_values } = { type: '', mode: 0, widgets_values: undefined, ...node };
  if (SILENT.includes(mode)) return [];
  const id = `${isInside ? ':' : ''}${textOr(node['id'], '')}`; // inside a subgraph, it does not matter which one
  const classType = textOr(type, '');
  const pack = packageOf(node['properties']);
  const isLacking = pack && facts.packages && pack.name !== CORE && !orderedAs(pack, facts.packages);
  return [
    ...(isLacking
      ? [
          {
            nodeId: id,
            classType,
            input: undefined,
            wrong: { kind: 'unknown', pack: pack.name, isOrdered: false } as const,
          },
        ]
      : []),
    ...missingModels(
      id,
      classType,
      { ...Object.fromEntries(itemsOf(widgets_values).entries()), ...fieldsOf(widgets_values) },
      facts,
    ),
  ];
}

/** The values of a drawn node have keys instead of names. */
function missingModels(
  nodeId: string,
  classType: string,
  values: Fields,
  { models, hasMore }: RoughFacts,
): readonly Finding[] {
  if (!models || hasMore) return [];
  return Object.entries(values).flatMap(([key, value]) => {
    if (typeof value !== 'string' || !isModel(value) || models.has(asListed(value))) return [];
    const wrong = { kind: 'notInList', value } as const;
    return [{ nodeId, classType, input: /^\d+$/.test(key) ? classType : key, valueKey: key, wrong }];
  });
}

/** Workflows from Windows use backslashes. */
function asListed(name: string): string {
  return name.replaceAll('\\', '/');
}
