const made = new WeakSet();

/**
 * Marks what one of our own buttons or rows hands to a command. Any extension can run our commands, and so can a link in
 * a text: what they hand over is another object, or a copy, and never answers a question in the user's place.
 */
export function ours<T extends object>(target: T): T {
  made.add(target);
  return target;
}

export function isOurs(target: unknown): boolean {
  return typeof target === 'object' && target !== null && made.has(target);
}
