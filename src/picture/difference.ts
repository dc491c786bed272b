import type { Workflow } from '../comfyui/workflow';
import { comparing, type Change, type Compared } from '../library/compare';
import { drawing, type NameOf, type Origins } from './drawing';
import type { Box, Link, Mark, Picture } from './picture';

type Forms = Pick<Workflow, 'graph' | 'prompt'>;

/** Two versions as one picture: the later one, with what is gone. */
export interface Differing {
  readonly picture: Picture;
  readonly compared: Compared;
  /** By the keys of boxes and frames. */
  readonly changes: ReadonlyMap<string, readonly Change[]>;
}

/** Undefined if one is drawn and the other in API format. */
export function* differing(before: Forms, after: Forms, nameOf: NameOf): Generator<void, Differing | undefined, void> {
  const compared = yield* comparing(before, after);
  if (!compared) return undefined;
  const isDrawn = before.graph && after.graph;
  const formsOf = (forms: Forms): Forms => (isDrawn ? forms : { graph: undefined, prompt: forms.prompt });
  const origins: Origins = new Map();
  const now = yield* drawing(formsOf(after), nameOf, origins);
  const old = yield* drawing(formsOf(before), nameOf, origins);
  const changes = new Map<string, Change[]>();
  for (const change of compared.changes) {
    const known = changes.get(change.key);
    if (known) known.push(change);
    else changes.set(change.key, [change]);
  }
  return { picture: merged(old, now, (key) => markOf(changes.get(key))), compared, changes };
}

/** A node of another type is gone, and new: drawn as one that has changed. */
function markOf(changes: readonly Change[] = []): Mark | undefined {
  const kinds = new Set(changes.map(({ kind }) => kind));
  const [isNew, isGone] = [kinds.has('added'), kinds.has('removed')];
  if (isNew !== isGone) return isNew ? 'added' : 'removed';
  if (isNew || kinds.has('value') || kinds.has('link') || kinds.has('other')) return 'changed';
  return kinds.has('place') ? 'moved' : undefined;
}

function merged(old: Picture, now: Picture, markFor: (key: string) => Mark | undefined): Picture {
  const marked = <T extends { readonly key: string }>(one: T): T & { readonly mark?: Mark } => {
    const mark = markFor(one.key);
    return mark ? { ...one, mark } : one;
  };
  const before = new Map(old.boxes.map((box) => [box.key, box]));
  const kept = now.boxes.map((box): Box => {
    const was = before.get(box.key);
    const isMoved = was && !was.isLoose && !box.isLoose && String(was.at.slice(0, 2)) !== String(box.at.slice(0, 2));
    return { ...marked(box), ...(isMoved ? { was: was.at } : {}) };
  });
  const keys = new Set(kept.map(({ key }) => key));
  // First, so that it covers nothing.
  const boxes = [...old.boxes.filter(({ key }) => !keys.has(key)).map(marked), ...kept];
  const frames = new Set(now.frames.map(({ key }) => key));
  const gone = old.frames.filter(({ key }) => !frames.has(key));
  return { boxes, links: mergedLinks(old, now, boxes), frames: [...now.frames, ...gone].map(marked) };
}

function mergedLinks(old: Picture, now: Picture, boxes: readonly Box[]): readonly Link[] {
  const indexOf = new Map(boxes.map(({ key }, index) => [key, index]));
  const named = ({ boxes: own, links }: Picture) =>
    new Map(
      links.map((link) => {
        const [from, to] = [own[link.from], own[link.to]];
        return [JSON.stringify([from?.key, link.slot, to?.key, to?.inputs[link.row]]), { link, from, to }];
      }),
    );
  const [before, after] = [named(old), named(now)];
  return [...new Map([...before, ...after])].map(([name, { link, from, to }]) => {
    const [start = 0, end = 0] = [from, to].map((box) => indexOf.get(box?.key ?? ''));
    const row = boxes[end]?.inputs.indexOf(to?.inputs[link.row] ?? '') ?? 0;
    const mark = !after.has(name)
      ? ({ mark: 'removed' } as const)
      : before.has(name)
        ? {}
        : ({ mark: 'added' } as const);
    return { ...link, from: start, to: end, row: Math.max(row, 0), ...mark };
  });
}
