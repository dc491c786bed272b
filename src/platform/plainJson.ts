/** Undefined for what is no JSON. In a file of its own: what is read when first needed wants nothing else of what reads answers. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // which no JSON can be
  }
}
