import type { MachineId, SessionId } from '../../comfydeploy/model';
import type { OutputFile } from '../../comfyui/outputs';
import { ours } from '../../platform/ui/ours';
import type { Snapshot } from '../../sessions/snapshot';
import type { OutputRow } from '../outputRows';
import { placesOf, placesOfAccount, rowId, type Place, type PlacesInput } from '../places';

/** What VS Code keeps for a row and passes to commands: the same object as long as the row exists. */
export type TreeNode =
  | {
      readonly id: string;
      readonly kind: 'session';
      readonly sessionId: SessionId;
      /** The scope of its account, if that is not the one in use. */
      readonly account?: string;
    }
  | { readonly id: string; readonly kind: 'account'; readonly account: string }
  | { readonly id: string; readonly kind: 'machine'; readonly machineId: MachineId }
  | { readonly id: string; readonly kind: 'group' }
  | { readonly id: string; readonly kind: 'outputs' | 'noOutputs'; readonly sessionId: SessionId }
  | OutputNode;

export interface OutputNode {
  readonly id: string;
  readonly kind: 'output';
  readonly sessionId: SessionId;
  readonly file: OutputFile;
}

type Others = ReadonlyMap<string, { readonly snapshot: Snapshot }>;
type Children = ReadonlyMap<TreeNode | undefined, readonly TreeNode[]>;

interface Built {
  /** Parents before their children. */
  readonly places: ReadonlyMap<TreeNode, Place>;
  readonly children: Children;
  /** By the machine's or session's id, or the row's of another account; `undefined` is the group of unlisted machines. */
  readonly nodes: ReadonlyMap<string | undefined, TreeNode>;
}

/** The rows of machines and sessions and their hierarchy, built when first read. */
export class TreeShape {
  #built: Built = { places: new Map(), children: new Map(), nodes: new Map() };
  #of: readonly unknown[] = [];
  #places: (() => readonly Place[]) | undefined;

  /**
   * Does nothing while the lists are the same objects, and the rest is as it was.
   *
   * @param others accounts that are not in use, by scope.
   */
  follow(snapshot: Snapshot, input: PlacesInput, others: Others): void {
    const isReady = snapshot.kind === 'ready';
    const { show, sort, group, showUnavailable } = input;
    const listed = ({ snapshot }: { readonly snapshot: Snapshot }) =>
      snapshot.kind === 'ready' ? [snapshot.machines, snapshot.sessions, snapshot.account.userId] : [];
    const rest = [...others].flatMap(([scope, other]) => [scope, ...listed(other)]);
    const wanted = [show, sort, group, showUnavailable, sort === 'price' ? input.prices : undefined];
    const of = [...listed({ snapshot }), ...wanted, ...rest];
    if (of.length === this.#of.length && of.every((one, index) => one === this.#of[index])) return;
    this.#of = of;
    this.#places = () => [
      ...(isReady ? placesOf(snapshot, input) : []),
      ...[...others].flatMap(([scope, other]) => placesOfAccount(scope, other.snapshot)),
    ];
  }

  get places(): Built['places'] {
    return this.#now.places;
  }

  get children(): Children {
    return this.#now.children;
  }

  parentOf(node: TreeNode): TreeNode | undefined {
    const { places, nodes } = this.#now;
    const place = places.get(node);
    return place?.kind === 'session' && place.parent ? nodes.get(keyOf(place.parent)) : undefined;
  }

  get #now(): Built {
    if (!this.#places) return this.#built;
    this.#built = built(this.#places(), this.#built.nodes);
    this.#places = undefined;
    return this.#built;
  }
}

/** @param before the previous nodes: a row that still exists keeps its object. */
function built(list: readonly Place[], before: Built['nodes']): Built {
  const nodes = new Map<string | undefined, TreeNode>();
  const places = new Map<TreeNode, Place>();
  const children = new Map<TreeNode | undefined, TreeNode[]>();
  for (const place of list) {
    const key = keyOf(place);
    const node = before.get(key) ?? newNode(place);
    nodes.set(key, node);
    places.set(node, place);
    const parent = place.kind === 'session' && place.parent ? nodes.get(keyOf(place.parent)) : undefined;
    const siblings = children.get(parent);
    if (siblings) siblings.push(node);
    else children.set(parent, [node]);
  }
  return { places, children, nodes };
}

function keyOf(place: Place): string | undefined {
  if (place.kind === 'group') return undefined;
  if (place.kind === 'machine') return place.machine.id;
  return place.kind === 'account' || place.parent?.kind === 'account' ? rowId(place) : place.session.id;
}

function newNode(place: Place): TreeNode {
  const id = rowId(place);
  switch (place.kind) {
    case 'session': {
      const { session, parent } = place;
      const whose = parent?.kind === 'account' ? { account: parent.account } : {};
      return ours({ id, kind: place.kind, sessionId: session.id, ...whose });
    }
    case 'machine':
      return ours({ id, kind: place.kind, machineId: place.machine.id });
    case 'account':
      return ours({ id, kind: place.kind, account: place.account });
    case 'group':
      return ours({ id, kind: place.kind });
  }
}

export function newOutputNode(row: OutputRow): TreeNode {
  const { id, sessionId } = row;
  return ours(
    row.kind === 'output' ? { id, kind: row.kind, sessionId, file: row.file } : { id, kind: row.kind, sessionId },
  );
}
