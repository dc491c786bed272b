import { isLoopback, parseUrl } from './baseUrl';
import { redact } from './logger';

/** Shorter keys could be ordinary words. */
const SHORTEST_KEY = 8;
/** Cuts examined in one text: the first and the last ones. */
const MOST_CUTS = 100;
/** The most hosts that are kept, the latest; a window that runs for weeks sees many sessions. */
const MOST = 500;
/** What belongs to a host's name, before and after the part that is known, and then the secret path or query. */
const BEFORE_HOST = /[\p{L}\p{M}\p{N}_.-]*$/u;
const AFTER_HOST =
  /[\p{L}\p{M}\p{N}_.-]*(?::\d+)?(?:(?:\\?[/?#]|%(?:25)*(?:2f|3f|23)|\\{1,4}u00(?:2f|3f|23))[^\s"'<>`]*)?/iuy;
const ASCII = /^[\x00-\x7f]*$/;
/** The longest name of a host, in letters. */
const LONGEST_HOST = 253;
/** An escaped letter with its code, or characters between letters that mean nothing. */
const ESCAPED =
  /(?:\\{1,4}(?:u00|x)|%(?:25){0,4}|&#x0{0,9})([\da-f]{2});?|&#0{0,9}(\d{2,3});|&(period|hyphen);|\\{1,4}(?=[^\w\\])|[\s\p{Cf}]+/giu;
/** The characters of all keys so far: none is part of an escape. */
const PLAIN_KEY = /^[\w.+/=~:-]+$/;

/** The keys and addresses that this window has seen, to remove them from texts in any spelling. */
export class Secrets {
  /** In the order of arrival. */
  readonly #keys = new Map<string, readonly RegExp[]>();
  readonly #hosts = new Set<string>();

  /** @param token an API key of any form. */
  key(token: string): void {
    if (token.length < SHORTEST_KEY) return;
    this.#keys.delete(token);
    this.#keys.set(token, spellingsOf(token));
    const [oldest] = this.#keys.keys();
    if (this.#keys.size > MOST && oldest !== undefined) this.#keys.delete(oldest);
  }

  /** @param url of a session: its host name is the secret. */
  address(url: string): void {
    const parsed = parseUrl(url);
    if (!parsed?.hostname.includes('.') || isLoopback(parsed)) return; // not secret, or an ordinary word
    remember(this.#hosts, folded(parsed.hostname).name.replace(/\.$/, ''));
    const asWritten = /^[a-z]+:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(url)?.[1];
    if (asWritten !== undefined) remember(this.#hosts, folded(asWritten).name); // before it became punycode
  }

  /** The text without these, and without anything else that looks like a key or an address. */
  hide(text: string): string {
    let hidden = text;
    for (const spelling of [...this.#keys.values()].flat()) hidden = hidden.replace(spelling, '[key]');
    for (const key of this.#keys.keys()) {
      hidden = hidden.replaceAll(key, '[key]'); // characters before it may look like the beginning of an escape
      hidden = withoutBeginning(withoutKey(hidden, key), key);
    }
    if (this.#hosts.size > 0) {
      hidden = withoutHosts({ plain: hidden }, hidden, this.#hosts);
      hidden = withoutHosts(unescaped(hidden), hidden, this.#hosts);
    }
    return redact(hidden);
  }
}

/** The text may have been cut inside the key: at its end, or where `…` stands for the rest. */
function withoutBeginning(text: string, key: string): string {
  const cuts = [...text.matchAll(/…|$/g)].map(({ index }) => index);
  const looked = cuts.length <= MOST_CUTS ? cuts : [...cuts.slice(0, MOST_CUTS / 2), ...cuts.slice(-MOST_CUTS / 2)];
  let hidden = text;
  for (const cut of looked.reverse()) {
    const length = lengthBefore(hidden, cut, key);
    if (length > 0) hidden = `${hidden.slice(0, cut - length)}[key]${hidden.slice(cut)}`;
  }
  return hidden;
}

/** How much of the key's beginning is directly before a position. */
function lengthBefore(text: string, end: number, key: string): number {
  for (let length = key.length - 1; length >= SHORTEST_KEY; length--) {
    if (text.endsWith(key.slice(0, length), end)) return length;
  }
  return 0;
}

/** Removes hosts, each with what surrounds its name. @param hosts as `folded` writes them */
function withoutHosts({ plain, starts, ends }: Unescaped, text: string, hosts: Iterable<string>): string {
  const { name, positions } = folded(plain);
  const found: [from: number, to: number][] = [];
  for (const host of hosts)
    for (let at = name.indexOf(host); at >= 0; at = name.indexOf(host, at + host.length)) {
      const [first = 0, last = 0] = [at, at + host.length - 1].map((letter) => positions?.[letter] ?? letter);
      found.push([starts?.[first] ?? first, ends?.[last] ?? last + 1]);
    }
  let [hidden, done] = ['', 0];
  for (const [from, to] of found.sort(([a], [b]) => a - b)) {
    if (from < done) continue;
    const before = text.slice(Math.max(done, from - LONGEST_HOST), from);
    AFTER_HOST.lastIndex = to;
    AFTER_HOST.test(text);
    hidden += `${text.slice(done, from - before.length)}${before.replace(BEFORE_HOST, '')}[address]`;
    done = AFTER_HOST.lastIndex;
  }
  return hidden + text.slice(done);
}

/**
 * A text as hosts are compared: in lower case, without marks, with plain dots; and where in the text each of its letters
 * comes from, unless each stands where it stood.
 */
function folded(text: string): { readonly name: string; readonly positions?: readonly number[] } {
  if (ASCII.test(text)) return { name: text.toLowerCase() };
  const positions: number[] = [];
  let [name, at] = ['', 0];
  for (const letter of text) {
    const plain = letter.normalize('NFKD').replace(/\p{M}/gu, '').replace('。', '.').toLowerCase();
    for (let n = 0; n < plain.length; n++) positions.push(at);
    name += plain;
    at += letter.length;
  }
  return { name, positions };
}

interface Unescaped {
  readonly plain: string;
  readonly starts?: readonly number[];
  readonly ends?: readonly number[];
}

/** Patterns for a key as it is, and for its base64 form after any text. */
function spellingsOf(key: string): readonly RegExp[] {
  const spellings = PLAIN_KEY.test(key) ? base64Of(key) : [key, encodeURIComponent(key)].map(literal);
  return spellings.map((source) => new RegExp(source, 'g'));
}

/** Removes a key that is written as it is, or with letters escaped or separated. Takes linear time. */
function withoutKey(text: string, key: string): string {
  const { plain, starts, ends } = unescaped(text);
  let [hidden, done] = ['', 0];
  for (let at = plain.indexOf(key); at >= 0; at = plain.indexOf(key, at + key.length)) {
    hidden += `${text.slice(done, starts?.[at] ?? at)}[key]`;
    done = ends?.[at + key.length - 1] ?? at + key.length;
  }
  return hidden + text.slice(done);
}

/** The text without escapes, with the positions of each letter in the original; no positions if nothing is escaped. */
function unescaped(text: string): Unescaped {
  const found = [...text.matchAll(ESCAPED)];
  if (found.length === 0) return { plain: text };
  const [starts, ends]: [number[], number[]] = [[], []];
  let [plain, done] = ['', 0];
  const add = (letters: string, from: number, to = from + 1) => {
    plain += letters;
    for (let n = 0; n < letters.length; n++) {
      starts.push(from + n);
      ends.push(to + n);
    }
  };
  for (const { 0: escape, 1: hex, 2: decimal, 3: word, index } of found) {
    add(text.slice(done, index), done);
    done = index + escape.length;
    const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    if (code > 0) add(String.fromCharCode(code), index, done);
    if (word !== undefined) add(word.toLowerCase() === 'period' ? '.' : '-', index, done);
  }
  add(text.slice(done), done);
  return { plain, starts, ends };
}

/** Only the characters that encode nothing but the key: the first and the last one also encode its neighbours. */
function base64Of(key: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const end = Math.floor(((before + key.length) * 8) / 6);
    const text = btoa(' '.repeat(before) + key).slice(Math.ceil((before * 8) / 6), end);
    return literal(text).replaceAll('\\+', '[+-]').replaceAll('/', '[/_]');
  });
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function remember(set: Set<string>, value: string): void {
  set.delete(value);
  set.add(value);
  const [oldest] = set;
  if (set.size > MOST && oldest !== undefined) set.delete(oldest);
}
