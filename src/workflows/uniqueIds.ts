import { fieldsOf, itemsOf, type Fields } from './nodeDefs';
import { isDrawn } from './drawnGraph';
import { NotConverted } from './notConverted';

/** The page assigns no higher ones. */
const HIGHEST = 100_000_000;

/**
 * Unique ids for all nodes of a file, for each canvas in the order of its nodes. The page gives nodes of subgraphs
 * whose id is taken new ids above the highest one so far, and prompts use those.
 * @param raw the graph, then the definitions of its subgraphs.
 */
export function uniqueIds([root = {}, ...subgraphs]: readonly Fields[]): readonly (readonly string[])[] {
  const state = { last: lastIdOf(root) };
  const nodes = drawnIn(root);
  const used = new Set(nodes.flatMap(({ id }) => (typeof id === 'number' ? [id] : [])));
  const inner = subgraphs.map((one) =>
    drawnIn(one).map(({ id }) => (typeof id === 'number' ? fresh(id, used, state) : String(id))),
  );
  return [withoutTwice(nodes, used, state), ...inner];
}

function fresh(id: number, used: Set<number>, state: { last: number }): string {
  let next = id;
  if (used.has(id)) {
    do next = ++state.last;
    while (used.has(next) && next < HIGHEST);
    if (next >= HIGHEST) throw new NotConverted({ kind: 'noIdsLeft' });
  }
  used.add(next);
  state.last = Math.max(state.last, next);
  return String(next);
}

/** On one canvas, the first node keeps its id. */
function withoutTwice(nodes: readonly Fields[], used: Set<number>, state: { last: number }): readonly string[] {
  const seen = new Set<string>();
  return nodes.map(({ id }) => {
    const isFirst = !seen.has(String(id));
    seen.add(String(id));
    return isFirst || typeof id !== 'number' ? String(id) : fresh(id, used, state);
  });
}

function lastIdOf({ last_node_id, state }: Fields): number {
  const last = [last_node_id, fieldsOf(state)['lastNodeId']].filter(
    (one) => typeof one === 'number' && Number.isFinite(one),
  );
  return Math.max(0, ...last.map(Number));
}

function drawnIn({ nodes }: Fields): readonly Fields[] {
  return itemsOf(nodes).filter(isDrawn);
}
