import * as l10n from '@vscode/l10n';
import { ApiError } from './errors';

/** Also the default of the setting; a test compares them. */
export const DEFAULT_API_URL = 'https://api.comfydeploy.com/api';

/** Excludes `*`, `;` and quotes, which a host may contain and which have a meaning in a content security policy. */
const PLAIN_HOST = /^([\w.-]+|\[[\da-f:.]+\])$/;
const HERE = /^(.*\.)?localhost[46]?(\.localdomain[46]?)?\.?$|^ip6-(localhost|loopback)\.?$|^0\.0\.0\.0$|^\[::\]$/;
/** 127.x.x.x and 0.0.0.0 within IPv6 forms that contain an IPv4 address. */
const HERE_WITHIN = /^\[(::(ffff:(0:)?)?|64:ff9b:(1:)?:)(7f[\da-f]{2}:[\da-f]{1,4}|0:0)\]$|^\[64:ff9b:(1:)?:\]$/;
/** Private networks, by number and by name. */
const PRIVATE =
  /^(?:10\.\d+|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.\d+\.\d+$|^\[(?:f[cd][\da-f]|fe[89a-f])[\da-f]:|^[^.[]+$|\.(?:local|lan|home|internal|home\.arpa)\.?$/;
/** The IPv4 address within an IPv6 one, as two groups of hexadecimal digits. */
const WITHIN = /^\[(?:::(?:ffff:(?:0:)?)?|64:ff9b:(?:1:)?:)([\da-f]{1,4}):([\da-f]{1,4})\]$/;
/**
 * Characters that URL parsers treat differently: a browser takes `\` for `/` and drops line ends, VS Code does neither.
 */
const AMBIGUOUS = /[\\\s\p{C}]/u;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The longest address, in characters; real ones have about a hundred. */
const LONGEST = 2_000;

/** Whether it is one of ComfyDeploy's own addresses, in any spelling. */
export function isOfficial(address: string): boolean {
  return /(?:^|\.)comfydeploy\.com\.?$/.test(new URL(address).hostname);
}

/** Whether an address stays on this machine, where plain http is safe. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.test(url.hostname);
}

/**
 * `URL.parse`, which the oldest supported VS Code lacks. Not `URL.canParse`: once Node 20 has compiled a function that
 * calls it, it says no to addresses with letters such as `ü`.
 */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

function parseBounded(text: string): URL | undefined {
  return text.length <= LONGEST ? parseUrl(text) : undefined;
}

/** Not a regular expression: that would take quadratic time on many slashes. */
export function withoutSlashes(address: string): string {
  let end = address.length;
  while (address[end - 1] === '/') end--;
  return address.slice(0, end);
}

/**
 * A server's address from the settings, without a trailing slash (the API answers one with a redirect).
 * @param setting the setting's full id, for the message.
 * @throws {ApiError} `misconfigured`, saying what is wrong with it.
 */
export function parseBaseUrl(text: string, setting: string, allowInsecureHttp: boolean): string {
  const url = parseBounded(text.trim());
  const wrong = problemOf(url, setting, allowInsecureHttp);
  if (!url || wrong !== undefined) throw new ApiError('misconfigured', wrong ?? notAnAddress(setting));
  return withoutSlashes(url.href);
}

function problemOf(url: URL | undefined, setting: string, allowInsecureHttp: boolean): string | undefined {
  if (!url) return notAnAddress(setting);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return l10n.t('The address in {0} must start with https://.', setting);
  if (url.username || url.password)
    return l10n.t('The address in {0} must not contain a user name or password.', setting);
  if (/[?#]/.test(url.href)) return l10n.t('The address in {0} must end with its path, without ? or #.', setting);
  if (url.protocol === 'http:' && !isLoopback(url) && !allowInsecureHttp)
    return l10n.t(
      'The address in {0} must use https, or the key would travel unencrypted (comfydeploy.allowInsecureHttp permits it).',
      setting,
    );
  return undefined;
}

function notAnAddress(setting: string): string {
  return l10n.t('The address in {0} is not a web address.', setting);
}

/** Whether an address that a server names is closer to the user than the server itself: then it may be anybody's. */
export function isUnexpected(address: string, server: string): boolean {
  const [url, from] = [parseBounded(address), parseBounded(server)];
  return url !== undefined && nearnessOf(url) > (from ? nearnessOf(from) : 0);
}

/** 2: this computer; 1: the user's network; 0: anywhere. */
function nearnessOf(url: URL): number {
  if (isHere(url)) return 2;
  const [, high, low] = WITHIN.exec(url.hostname) ?? [];
  const bytes = [high, low].flatMap((part) => [parseInt(part ?? '', 16) >> 8, parseInt(part ?? '', 16) & 255]);
  return PRIVATE.test(high === undefined ? url.hostname : bytes.join('.')) ? 1 : 0;
}

/** Whether an address is on this computer, including unusual names for it. */
export function isHere(url: URL): boolean {
  return isLoopback(url) || HERE.test(url.hostname) || HERE_WITHIN.test(url.hostname);
}

/** A session's page may be framed or opened only over https, or over http on this machine. */
export function isOpenable(text: string): boolean {
  const url = AMBIGUOUS.test(text) ? undefined : parseBounded(text);
  if (!url || !PLAIN_HOST.test(url.hostname)) return false;
  if (url.username || url.password) return false; // a user name could look like the host
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}

/** An openable address in the spelling that was checked, so that every other parser finds the same host in it. */
export function asJudged(address: string): string {
  const { origin, href } = new URL(address);
  return address === origin ? origin : href;
}
