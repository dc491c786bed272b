/** The form of codes; anything else could be an address. */
const CODE = /^[A-Z0-9_]{3,60}$/;
/** Electron's own failures have their code in the message only. */
const CHROMIUM = /\bnet::(ERR_[A-Z0-9_]{3,50})\b/;
/** Node's fetch has no code for this. */
const PROXY = /^Proxy response \((\d{3})\)/;
/** The most errors that are examined: causes of causes, and failures of several attempts in one. */
const MOST_LOOKED_AT = 20;

/** The network's code for a failure (`ECONNREFUSED`), however deep it is nested; undefined if there is none. */
export function networkCodeOf(error: unknown): string | undefined {
  const left: unknown[] = [error];
  for (let count = 0; count < MOST_LOOKED_AT && left.length > 0; count++) {
    const one = left.shift();
    if (!(one instanceof Error)) continue;
    const message = one.message.slice(0, 1_000);
    const proxy = PROXY.exec(message)?.[1];
    if (proxy !== undefined) return `PROXY_RESPONSE_${proxy}`;
    if (message === 'unexpected redirect') return 'UNEXPECTED_REDIRECT';
    if (message === 'bad port') return 'BAD_PORT';
    const code: unknown = Reflect.get(one, 'code');
    if (typeof code === 'string' && CODE.test(code)) return code;
    const electron = CHROMIUM.exec(message)?.[1];
    if (electron !== undefined) return electron;
    const several: readonly unknown[] = one instanceof AggregateError ? one.errors : [];
    left.push(one.cause, ...several.slice(0, MOST_LOOKED_AT));
  }
  return undefined;
}
