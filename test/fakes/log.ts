export const line = (message: string, level = 'info', ms = 673) => ({
  message,
  level,
  timestamp: `2026-11-21T22:18:00.${ms.toString().padStart(3, '0')}Z`,
});

/** Server-sent events as the log stream sends them; a string is sent unchanged. */
export const written = (...events: readonly unknown[]) =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
