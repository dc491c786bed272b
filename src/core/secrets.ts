import { isLoopback } from './api/baseUrl';
import { redact } from './logger';

/** Shorter ones are words that stand everywhere. */
const SHORTEST_KEY = 8;
/** The latest; a window that runs for weeks sees many sessions. */
const MOST = 500;
const DOTTED = /[.。%]/;
/** A host as it may stand in a text, with its port and what follows it: a session's path or query may be its key, too. */
const WORD = /(?:[\p{L}\p{N}_-]|[.。]|%(?:25)*2[ed])+(?::\d+)?(?:(?:\\?[/?#]|%(?:25)*(?:2f|3f|23))[^\s"'<>`]*)?/giu;

/** Keys and addresses that this window has seen, so that they are taken out of texts in whatever spelling they come. */
export class Secrets {
  /** In the order in which they came. */
  readonly #keys = new Set<string>();
  readonly #hosts = new Set<string>();

  /** @param token an API key of any shape. */
  key(token: string): void {
    if (token.length < SHORTEST_KEY) return;
    for (const spelling of [token, encodeURIComponent(token), token.replaceAll('.', '%2E')])
      remember(this.#keys, spelling);
  }

  /** @param url of a session: its host's name is what nobody may learn. */
  address(url: string): void {
    if (!URL.canParse(url)) return;
    const { hostname } = new URL(url);
    if (isLoopback(new URL(url)) || !hostname.includes('.')) return; // no secret, or a word like any other
    remember(this.#hosts, plainHost(hostname));
    const asWritten = /^[a-z]+:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(url)?.[1];
    if (asWritten !== undefined) remember(this.#hosts, plainHost(asWritten)); // before it became punycode
  }

  /** The text without any of them, and without whatever else looks like a key or an address. */
  hide(text: string): string {
    let hidden = text;
    for (const key of this.#keys) hidden = hidden.replaceAll(key, '[key]');
    return redact(this.#hosts.size === 0 ? hidden : this.#withoutHosts(hidden));
  }

  #withoutHosts(text: string): string {
    return text.replace(WORD, (word) => {
      if (!DOTTED.test(word)) return word;
      const plain = plainHost(word);
      return [...this.#hosts].some((host) => plain.includes(host)) ? '[address]' : word;
    });
  }
}

/** In small letters, with plain dots and hyphens. */
function plainHost(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKC')
    .replace(/%(?:25)*2e|。/g, '.')
    .replace(/%(?:25)*2d/g, '-')
    .replace(/\.$/, '');
}

function remember(set: Set<string>, value: string): void {
  set.delete(value);
  set.add(value);
  const [oldest] = set;
  if (set.size > MOST && oldest !== undefined) set.delete(oldest);
}
