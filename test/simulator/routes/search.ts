/** Case-insensitive containment, with the database's own wildcards `%` and `_`, and `\\` before what is meant itself. */
export function matcherOf(search: string | null): (text: string) => boolean {
  if (search === null || search === '') return () => true;
  const pattern = search.replace(/\\(.)|[.*+?^${}()|[\]\\%_]/gs, (one, itself: string | undefined) => {
    if (one === '%') return '.*';
    if (one === '_') return '.';
    return (itself ?? one).replace(/\W/s, '\\$&');
  });
  const expression = new RegExp(pattern, 'is');
  return (text) => expression.test(text);
}
