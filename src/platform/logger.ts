/** What the core may say to the log. The log itself takes out secrets: see `redact` and `Secrets`. */
export interface Logger {
  /** Given whatever must never be written, before it is used. */
  readonly secrets?: { key(token: string): void; address(url: string): void };
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}

/** A JWT, whole or cut short, also where letters of it are escaped. Like an address, it may stick to the word before it. */
const KEY =
  /(?:e|(?:\\u00|%(?:25)*)65)(?:y|(?:\\u00|%(?:25)*)79)(?:J|(?:\\u00|%(?:25)*)4[aA])(?:[\w-]|(?:\\u00|%(?:25)*)[2-7][\dA-Fa-f]){8,}(?:\.(?:[\w-]|(?:\\u00|%(?:25)*)[2-7][\dA-Fa-f])*){0,2}/g;
/**
 * Any address, also as JSON or a query may spell it: a session's is an unauthenticated key to a paid GPU. Its scheme is
 * kept to stay readable.
 */
const ADDRESS =
  /(https?|wss?)(?::|%(?:25)*3a|\\u003a)(?:\\?\/|%(?:25)*2f|\\u002f){2}(?=[\p{L}\p{N}[%_~@-])[^\s"'<>`]+/giu;
const BARE_TUNNEL = /(?<![\w.-])[\w.-]+\.modal\.(host|run)\b/gi;

/** Takes keys and addresses out of a text that people or files may see. */
export function redact(text: string): string {
  return text.replace(KEY, '[key]').replace(ADDRESS, '$1://[address]').replace(BARE_TUNNEL, '[address]');
}
