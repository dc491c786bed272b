/** The log as other code sees it. The log itself removes secrets: see `redact` and `Secrets`. */
export interface Logger {
  /** Takes everything that must never be written, before it is used. */
  readonly secrets?: { key(token: string): void; address(url: string): void };
  /** For each request. */
  trace(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}

/** A JWT, whole or cut off, also with escaped letters. Like an address, it may follow another word without a space. */
const KEY =
  /(?:e|(?:\\u00|%(?:25)*)65)(?:y|(?:\\u00|%(?:25)*)79)(?:J|(?:\\u00|%(?:25)*)4[aA])(?:[\w-]|(?:\\u00|%(?:25)*)[2-7][\dA-Fa-f]){8,}(?:\.(?:[\w-]|(?:\\u00|%(?:25)*)[2-7][\dA-Fa-f])*){0,2}/g;
/**
 * Any address, also in the spellings of JSON and queries, since a session's address gives access to a paid GPU without
 * a key. Its scheme stays, for readability.
 */
const ADDRESS =
  /(https?|wss?)(?::|%(?:25)*3a|\\u003a)(?:\\?\/|%(?:25)*2f|\\u002f){2}(?=[\p{L}\p{N}[%_~@-])[^\s"'<>`]+/giu;
const BARE_TUNNEL = /(?<![\w.-])[\w.-]+\.modal\.(host|run)\b/gi;

/** Removes keys and addresses from a text that people or files may contain. */
export function redact(text: string): string {
  return text.replace(KEY, '[key]').replace(ADDRESS, '$1://[address]').replace(BARE_TUNNEL, '[address]');
}
