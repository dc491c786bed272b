/** JSON as Python writes it: a space after each comma and colon, ASCII only, bare NaN and Infinity. A Map is an object in its own order. */
export function pythonJson(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return ascii(value);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);

  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
  const members = entries
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${ascii(String(key))}: ${pythonJson(member)}`);
  return `{${members.join(', ')}}`;
}

/** Text as it is, anything else as JSON. */
export const plainText = (value: unknown): string => (typeof value === 'string' ? value : pythonJson(value));

/** A JSON object, or nothing. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}

function ascii(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
