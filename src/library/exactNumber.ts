const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** A string that does not end counts, too: looked for again from each quotation mark, it would take quadratic time. */
const STRINGS_AND_NUMBERS = /"[^"\\]*(?:\\.[^"\\]*)*"?|-?\d[\d.eE+-]*/g;

/** One text for all spellings of a number, exactly: `8.0` is `8`, `1e-7` is `1e-07`, and -0 is 0. */
export function exactNumber(spelled: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(spelled) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  if (end === 0) return whole === '' ? spelled : '0';
  return `${sign}${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}

/** The same for all numbers in a JSON text. */
export function withExactNumbers(json: string): string {
  return json.replace(STRINGS_AND_NUMBERS, (one) => (one.startsWith('"') ? one : exactNumber(one)));
}
