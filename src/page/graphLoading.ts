import { sleep, type Clock } from '../platform/clock';
import type { PageChannel } from './pageChannel';
import { ASKING, loadingOf } from './plugin';
import { nodesOf, type Graph } from '../comfyui/workflow';

/** What happened to a graph that a page was asked to show. */
export type Loading =
  | 'shown'
  /** The page shows something else: an empty canvas, the default graph, or only a part. */
  | 'notTaken'
  /** It never answers, or did not answer this time. */
  | 'silent'
  /** It was closed or reloaded. */
  | 'gone';

/** How often to check, since the page reports a graph as loaded before it is. */
const LOOKS = 8;
const REST = 750;

/** Shows a graph in a page, and checks that it is there. @throws the signal's reason when it fires first. */
export async function loadGraph(
  channel: Pick<PageChannel, 'ready' | 'ask'>,
  graph: Graph,
  clock: Clock,
  signal: AbortSignal,
): Promise<Loading> {
  const problem = await channel.ready(signal);
  if (problem) return problem;
  const outcome = await channel.ask(loadingOf(graph), signal);
  if (typeof outcome === 'string') return outcome;
  for (let look = 1; ; look++) {
    const answer = await channel.ask(ASKING, signal);
    if (typeof answer === 'string') return answer;
    if ('graph' in answer && answer.graph && haveSameNodes(graph, answer.graph)) return 'shown';
    if (look === LOOKS) return 'notTaken';
    await sleep(clock, REST, signal);
  }
}

/**
 * Whether both graphs have the same nodes. The page may correct places, values and links, but loses no nodes. It gives
 * a new id to nodes without an id of their own (-1, or another node's); those are compared by type.
 */
export function haveSameNodes(drawn: Graph, shown: Graph): boolean {
  const ids = new Set<number | string>([-1, '-1']);
  const [own, other]: [string[], string[]] = [[], []];
  for (const { id, type } of nodesOf(drawn)) {
    if (ids.has(id)) other.push(plainType(type));
    else own.push(`${id} ${plainType(type)}`);
    ids.add(id);
  }
  const expected = new Set(own);
  const left: string[] = [];
  for (const { id, type } of nodesOf(shown))
    if (!expected.delete(`${id} ${plainType(type)}`)) left.push(plainType(type));
  return expected.size === 0 && left.sort().join('\n') === other.sort().join('\n');
}

/** The page removes these characters from a type, and writes group nodes as `workflow>` instead of `workflow/`. */
function plainType(type: string): string {
  return type.replace(/[&<>"'`=/\s]/g, '');
}
