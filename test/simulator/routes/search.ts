/** Case-insensitive containment, with the database's own wildcards `%` and `_`. */
export function matcherOf(search: string | null): (text: string) => boolean {
  if (search === null || search === '') return () => true;
  const pattern = search
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/%/g, '.*')
    .replace(/_/g, '.');
  const expression = new RegExp(pattern, 'is');
  return (text) => expression.test(text);
}
