import * as l10n from '@vscode/l10n';

/** The language of the texts; dates and numbers follow the user's locale. */
let language = 'en';
let lists: Intl.ListFormat | undefined;
const units = new Map<UnitOfTime, Intl.NumberFormat>();

export type UnitOfTime = 'hour' | 'minute' | 'second';

/** Sets the language of lists and units. */
export function useLanguage(tag: string): void {
  language = tag;
  lists = undefined;
  units.clear();
}

/** `A10G, L4, and T4`. Creating a formatter takes milliseconds, so it is created when first needed. */
export function listText(parts: readonly string[]): string {
  if (parts.length < 2) return parts[0] ?? '';
  lists ??= new Intl.ListFormat(language, { type: 'conjunction' });
  return lists.format(parts);
}

/** With a capital first letter. */
export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** The end of a shortened list. */
export function moreText(count: number): string {
  return l10n.t({ message: '{0} more', args: [count], comment: ['At the end of a list: so many more of its items'] });
}

/** `1 minute`, `12 minutes`. */
export function unitInWords(count: number, unit: UnitOfTime): string {
  // The same as the formatter's result, whose creation takes 10 ms.
  if (language === 'en' && count < 1_000) return `${count} ${unit}${count === 1 ? '' : 's'}`;
  const known = units.get(unit) ?? new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' });
  units.set(unit, known);
  return known.format(count);
}
