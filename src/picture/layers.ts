import { around, type Link, type Picture } from './picture';

const GAP = { x: 90, y: 40 };

/** Gives loose boxes a place below the others: each in a layer to the right of all that feed it. */
export function settled(picture: Picture): Picture {
  const { boxes, links } = picture;
  const loose = boxes.flatMap(({ isLoose }, index) => (isLoose ? [index] : []));
  if (loose.length === 0) return picture;
  const ours = new Set(loose);
  const between = links.filter(({ from, to }) => ours.has(from) && ours.has(to));
  const [left, top, , height] = around(boxes.flatMap(({ isLoose, at }) => (isLoose ? [] : [at])));
  let x = left;
  const places = new Map<number, readonly [x: number, y: number]>();
  for (const layer of layersOf(loose, between, (index) => places.get(index)?.[1])) {
    let [y, width] = [height === 0 ? top : top + height + GAP.x, 0];
    for (const index of layer()) {
      const [, , w = 0, h = 0] = boxes[index]?.at ?? [];
      places.set(index, [x, y]);
      y += h + GAP.y;
      width = Math.max(width, w);
    }
    x += width + GAP.x;
  }
  const settle = (box: Picture['boxes'][number], index: number): typeof box => {
    const [, , w, h] = box.at;
    const place = places.get(index);
    return place ? { ...box, at: [...place, w, h], isLoose: false } : box;
  };
  return { ...picture, boxes: boxes.map(settle) };
}

/** Each in order of what feeds it, as far as that is placed when the layer is asked for. Circles are cut. */
function layersOf(
  loose: readonly number[],
  links: readonly Link[],
  heightOf: (index: number) => number | undefined,
): readonly (() => readonly number[])[] {
  const [coming, going] = [groupBy(links, 'to'), groupBy(links, 'from')];
  const layers: number[][] = [];
  const layerOf = new Map<number, number>();
  const missing = new Map(loose.map((index) => [index, coming.get(index)?.length ?? 0]));
  const ready = loose.filter((index) => missing.get(index) === 0);
  for (const index of ready)
    for (const { to } of going.get(index) ?? []) {
      layerOf.set(to, Math.max(layerOf.get(to) ?? 0, (layerOf.get(index) ?? 0) + 1));
      const left = (missing.get(to) ?? 0) - 1;
      missing.set(to, left);
      if (left === 0) ready.push(to);
    }
  for (const index of loose) (layers[layerOf.get(index) ?? 0] ??= []).push(index);
  return layers.map((layer) => () => {
    const wishes = layer.map((index) => {
      const heights = (coming.get(index) ?? []).flatMap(({ from }) => heightOf(from) ?? []);
      return { index, wish: heights.reduce((sum, one) => sum + one, 0) / (heights.length || 1) };
    });
    return wishes.sort((a, b) => a.wish - b.wish).map(({ index }) => index);
  });
}

function groupBy(links: readonly Link[], end: 'from' | 'to'): ReadonlyMap<number, readonly Link[]> {
  const groups = new Map<number, Link[]>();
  for (const link of links) {
    const group = groups.get(link[end]);
    if (group) group.push(link);
    else groups.set(link[end], [link]);
  }
  return groups;
}
