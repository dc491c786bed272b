const made = new WeakSet();

/**
 * Marks objects that our own buttons or rows pass to a command. Other extensions and links in texts can run our
 * commands too, but what they pass is a different object or a copy, and so never counts as the user's answer.
 */
export function ours<T extends object>(target: T): T {
  made.add(target);
  return target;
}

export function isOurs(target: unknown): boolean {
  return typeof target === 'object' && target !== null && made.has(target);
}
