import { sleep, type Clock } from '../state/clock';
import type { PageChannel } from './pageChannel';
import { ASKING, loadingOf } from './plugin';
import { nodesOf, type Graph } from './workflow';

/** What became of a graph that a page was asked to show. */
export type Loading =
  | 'shown'
  /** The page shows something else: an empty canvas, the default graph, or some of it. */
  | 'notTaken'
  /** It does not speak, or did not answer. */
  | 'silent'
  /** It was closed, or loaded anew. */
  | 'gone';

/** The page says that it has loaded a graph before it has. */
const LOOKS = 8;
const REST = 750;

/** Shows a graph in a page, and sees for itself whether it is there. @throws the signal's reason when it fires first. */
export async function loadGraph(
  channel: Pick<PageChannel, 'ready' | 'ask'>,
  graph: Graph,
  clock: Clock,
  signal: AbortSignal,
): Promise<Loading> {
  const missing = await channel.ready(signal);
  if (missing) return missing;
  const told = await channel.ask(loadingOf(graph), signal);
  if (typeof told === 'string') return told;
  for (let look = 1; ; look++) {
    const answer = await channel.ask(ASKING, signal);
    if (typeof answer === 'string') return answer;
    if ('graph' in answer && answer.graph && haveSameNodes(graph, answer.graph)) return 'shown';
    if (look === LOOKS) return 'notTaken';
    await sleep(clock, REST, signal);
  }
}

/** Places, values and links may be set right by the page; nodes are not lost by that. */
export function haveSameNodes(one: Graph, other: Graph): boolean {
  return marksOf(one).join('\n') === marksOf(other).join('\n');
}

function marksOf(graph: Graph): readonly string[] {
  return nodesOf(graph)
    .map(({ id, type }) => `${id} ${plainType(type)}`)
    .sort();
}

/** The page takes these characters out of a type, and spells group nodes `workflow>` that once were `workflow/`. */
function plainType(type: string): string {
  return type.replace(/[&<>"'`=/\s]/g, '');
}
