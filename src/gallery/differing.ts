import type { Facts } from './item';

/** An input in which some pictures differ, with the value of each; undefined where it has none. */
export interface Difference {
  readonly name: string;
  readonly values: readonly (string | undefined)[];
}

/** What differs in how they were made. */
export function differencesOf(all: readonly (Facts | undefined)[]): readonly Difference[] {
  const maps = all.map((facts) => new Map(facts?.inputs));
  const names = new Set(maps.flatMap((map) => [...map.keys()]));
  return [...names]
    .map((name) => ({ name, values: maps.map((map) => map.get(name)) }))
    .filter(({ values: [first, ...others] }) => others.some((other) => other !== first));
}

export interface Part {
  readonly text: string;
  readonly isNew: boolean;
}

/** Words; with more, whole texts are compared. */
const MOST_WORDS = 400;

/** A text in parts: whether their words are in the other text, too, in the same order. */
export function wordsBeside(text: string, other: string | undefined): readonly Part[] {
  const [own, others] = [wordsIn(text), wordsIn(other ?? '')];
  if (own.length > MOST_WORDS || others.length > MOST_WORDS) return [{ text, isNew: text !== other }];
  const common = commonBehind(own, others);
  const parts: Part[] = [];
  let there = 0;
  for (const [at, word] of own.entries()) {
    while (there < others.length && others[there] !== word && common(at, there + 1) === common(at, there)) there++;
    const isNew = others[there] !== word;
    if (!isNew) there++;
    const last = parts.at(-1);
    if (last?.isNew === isNew) parts[parts.length - 1] = { text: `${last.text} ${word}`, isNew };
    else parts.push({ text: word, isNew });
  }
  return parts;
}

function wordsIn(text: string): readonly string[] {
  return text.split(/\s+/).filter(Boolean);
}

/** How many words two lists have in common, in the same order, from these places on. */
function commonBehind(own: readonly string[], others: readonly string[]): (at: number, there: number) => number {
  const width = others.length + 1;
  const lengths = new Uint16Array((own.length + 1) * width);
  const of = (at: number, there: number) => lengths[at * width + there] ?? 0;
  for (let at = own.length - 1; at >= 0; at--)
    for (let there = others.length - 1; there >= 0; there--)
      lengths[at * width + there] =
        own[at] === others[there] ? of(at + 1, there + 1) + 1 : Math.max(of(at + 1, there), of(at, there + 1));
  return of;
}
