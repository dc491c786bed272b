import * as l10n from '@vscode/l10n';

/** Of the texts, not of dates and numbers, which follow the user's habit. */
let language = 'en';
let lists: Intl.ListFormat | undefined;
const units = new Map<UnitOfTime, Intl.NumberFormat>();

export type UnitOfTime = 'hour' | 'minute' | 'second';

/** From now on lists and units are those of this language. */
export function useLanguage(tag: string): void {
  language = tag;
  lists = undefined;
  units.clear();
}

/** `A10G, L4, and T4`. A formatter takes milliseconds to make: none is made before a list is shown. */
export function listText(parts: readonly string[]): string {
  if (parts.length < 2) return parts[0] ?? '';
  lists ??= new Intl.ListFormat(language, { type: 'conjunction' });
  return lists.format(parts);
}

/** As a sentence begins. */
export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Ends a list of which not everything is named. */
export function moreText(count: number): string {
  return l10n.t({ message: '{0} more', args: [count], comment: ['At the end of a list: so many more of its items'] });
}

/** `1 minute`, `12 minutes`. */
export function unitInWords(count: number, unit: UnitOfTime): string {
  // As the formatter has it, which takes 10 ms to make the first of.
  if (language === 'en' && count < 1_000) return `${count} ${unit}${count === 1 ? '' : 's'}`;
  const known = units.get(unit) ?? new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' });
  units.set(unit, known);
  return known.format(count);
}
