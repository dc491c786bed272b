import * as l10n from '@vscode/l10n';
import { serverText } from '../comfyui/serverText';
import { listText, moreText } from '../platform/language';
import { parseJson } from '../platform/plainJson';
import { cutInTheMiddle } from '../platform/plainText';
import { fieldsOf, itemsOf, textOr } from '../workflows/nodeDefs';
import { valueText } from '../workflows/helpText';
import type { Change, Compared } from './compare';
import type { Fact, Part, Parts } from './parts';

const MOST_LINES = 100;
const MOST_NAMES = 20;
const LONGEST = 60;
const NOTHING = '–';

export type ChangedFact = Extract<Change, { readonly name: string }>;
export type NameOfValue = (part: Part, key: string) => string | undefined;

/** `steps: 20 → 30`. */
export function changeText(one: ChangedFact, { before, after }: Compared, nameOf: NameOfValue): string {
  const name = one.kind === 'value' ? (nameOf(one.part, one.name) ?? placeText(one)) : one.name;
  return `${name}: ${factText(one.before, before)} → ${factText(one.after, after)}`;
}

/** What differs, in lines that name nodes by their titles. @param nameOf the name of a value that has only a place. */
export function summaryOf(compared: Compared, hasPlaces: boolean, nameOf: NameOfValue): readonly string[] {
  const { before, after, changes } = compared;
  const named = (kind: string, parts: Parts) => [
    ...new Set(changes.flatMap((one) => (one.kind === kind ? [partText(one.part, parts)] : []))),
  ];
  const others = changes.flatMap((one) =>
    one.kind === 'other' && !isShort(one) ? [`${partText(one.part, after)} ${one.name}`] : [],
  );
  const lists: readonly (readonly [string, readonly string[]])[] = [
    [l10n.t('Added'), named('added', after)],
    [l10n.t('Removed'), named('removed', before)],
    [l10n.t('Moved'), hasPlaces ? named('place', after) : []],
  ];
  const lineOf = (one: Change): readonly string[] => {
    if (!('name' in one) || one.kind === 'place' || (one.kind === 'other' && !isShort(one))) return [];
    const subject = one.name === 'title' ? untitled(one.part) : one.part;
    return [`${partText(subject, after)} ${changeText(one, compared, nameOf)}`];
  };
  const values = changes.flatMap(lineOf);
  const shown =
    values.length > MOST_LINES ? [...values.slice(0, MOST_LINES), moreText(values.length - MOST_LINES)] : values;
  const lines = [
    ...lists.flatMap(([title, names]) => (names.length > 0 ? [`${title}: ${fewOf(names)}`] : [])),
    ...shown,
    ...(others.length > 0 ? [`${l10n.t('Also changed')}: ${fewOf(others)}`] : []),
  ];
  return lines.length > 0 ? lines.map(serverText) : [l10n.t('No differences that matter.')];
}

/** Whether both sides are one value each, such as a title or a color. */
function isShort({ before, after }: Extract<Change, { readonly name: string }>): boolean {
  return [before, after].every((fact) => fact === undefined || !/^[[{]/.test(fact.json));
}

/** A node whose title has changed has none of the two. */
const untitled = (part: Part): Part => (part.kind === 'node' ? { ...part, title: undefined } : part);

function fewOf(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return listText(rest > 0 ? [...names.slice(0, MOST_NAMES), moreText(rest)] : names);
}

/** `KSampler #3`, `My sampler (KSampler) #3 in Upscale`. */
function partText({ kind, id, scope, type, title }: Part, parts: Parts): string {
  const subgraph = (of: string) => parts.get(JSON.stringify(['subgraph', '', of]))?.title;
  switch (kind) {
    case 'workflow':
      return l10n.t('Workflow');
    case 'group':
      return l10n.t('group {0}', title ?? id);
    case 'subgraph':
      return l10n.t('subgraph {0}', title ?? id);
    case 'node': {
      const typed = subgraph(type) ?? type;
      const name = `${title === undefined || title === typed ? typed : `${title} (${typed})`} #${id}`;
      return scope === '' ? name : l10n.t('{0} in {1}', name, subgraph(scope) ?? scope);
    }
  }
}

/** Values of which only the place is known are counted from 1. */
function placeText({ name, part }: ChangedFact): string {
  return Array.isArray(part.raw['widgets_values']) ? l10n.t('value {0}', Number(name) + 1) : name;
}

export const MODES = (): ReadonlyMap<string, string> =>
  new Map([
    ['0', l10n.t('active')],
    ['2', l10n.t('muted')],
    ['4', l10n.t('bypassed')],
  ]);

function factText(fact: Fact | undefined, parts: Parts): string {
  if (!fact) return NOTHING;
  const { kind, name, json } = fact;
  if (kind === 'other' && name === 'mode') return MODES().get(json) ?? json;
  if (kind !== 'link') return cutInTheMiddle(valueText(json), LONGEST) || '""';
  return itemsOf(parseJson(json))
    .map((source) => sourceText(itemsOf(source), parts))
    .join(', ');
}

function sourceText([key, slot]: readonly unknown[], parts: Parts): string {
  const part = parts.get(textOr(key, ''));
  if (!part) return textOr(key, '');
  const sockets = part.raw[part.kind === 'subgraph' ? 'inputs' : 'outputs'];
  const name = textOr(fieldsOf(itemsOf(sockets)[Number(slot)])['name'], textOr(slot, ''));
  return `${partText(part, parts)} ${name}`;
}
