/** A table in CSV (RFC 4180). */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

/** Longest cell, in characters; longer names are in the log. */
const LONGEST_CELL = 2_000;
/**
 * The start of a formula in a spreadsheet, also in full width, and after characters that the spreadsheet or a person
 * strips.
 */
const FORMULA = /^[\s\p{C}\p{Z},;|"']*[=+\-@\uff1d\uff0b\uff0d\uff20]/u;

/** The same after a character that some programs take for a separator, ignoring quotes. */
const WITHIN = /([;,|\t\r\n"'][\s\p{C}\p{Z}"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;

/**
 * A text from outside as a cell: names and addresses come from servers, and none may become a formula in a spreadsheet.
 */
export function cell(text: string): string {
  const inner = text.slice(0, LONGEST_CELL).replace(WITHIN, "$1'");
  return FORMULA.test(inner) || /^[\t\r]/.test(inner) ? `'${inner}` : inner;
}

/** Quoted, so that no separator inside it ends the cell. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
