/** What the core may say to the log. The log itself takes out secrets: see `redact`. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}

/** A JWT, whole or cut short. Like an address, it may stick to the word before it. */
const KEY = /eyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g;
/** Any address: a session's is an unauthenticated key to a paid GPU. Its scheme is kept to stay readable. */
const ADDRESS = /(https?|wss?):\/\/[^\s"'<>`]+/gi;
const BARE_TUNNEL = /(?<![\w.-])[\w.-]+\.modal\.(host|run)\b/gi;

/** Takes keys and addresses out of a text that people or files may see. */
export function redact(text: string): string {
  return text.replace(KEY, '[key]').replace(ADDRESS, '$1://[address]').replace(BARE_TUNNEL, '[address]');
}
