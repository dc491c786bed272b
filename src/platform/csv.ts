/** A table as RFC 4180 has it. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

/** Characters; for names that are longer there is the log. */
const LONGEST_CELL = 2_000;
/** Where a spreadsheet may begin to reckon: also in full width, and behind what it or a person strips off. */
const FORMULA = /^[\s\p{C}\p{Z},;|"']*[=+\-@\uff1d\uff0b\uff0d\uff20]/u;

/** Where a cell begins for a program that takes another character for what separates them, and no quotes for any. */
const WITHIN = /([;,|\t\r\n"'][\s\p{C}\p{Z}"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;

/** A text from outside, as a cell: names come from the server, and addresses from anywhere, and none may become a formula in a spreadsheet. */
export function cell(text: string): string {
  const inner = text.slice(0, LONGEST_CELL).replace(WITHIN, "$1'");
  return FORMULA.test(inner) || /^[\t\r]/.test(inner) ? `'${inner}` : inner;
}

/** Whatever separates cells elsewhere, none breaks out of its own. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
