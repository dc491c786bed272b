import { DAY } from '../platform/units';

/** When pages of a host last refused to load in a frame: local time in ms, by `hostPattern`. */
export type Refusals = Readonly<Record<string, number>>;

/** Gateways get fixed, and while a refusal is remembered nobody checks again, so it expires. */
const REMEMBERED_FOR = 7 * DAY;
const ADDRESS_OF_NUMBERS = /^(\d+(\.\d+){3}|\[.*\])$/;

/**
 * The key of a remembered refusal: the last two words of the host name. Each session has its own host name, which is
 * also the secret that gives access; the gateway in front of all sessions refuses, and these two words identify it.
 * They are no secret. Ports are left out: sessions that share a host have different ones.
 */
export function hostPattern(address: string): string {
  const { hostname } = new URL(address);
  return ADDRESS_OF_NUMBERS.test(hostname) ? hostname : hostname.split('.').slice(-2).join('.');
}

export function isRemembered(refusals: Refusals, address: string, now: number): boolean {
  const at = refusals[hostPattern(address)];
  return at !== undefined && isFresh(at, now);
}

/** Also drops refusals that are too old. */
export function withRefusal(refusals: Refusals, address: string, now: number): Refusals {
  return {
    ...Object.fromEntries(Object.entries(refusals).filter(([, at]) => isFresh(at, now))),
    [hostPattern(address)]: now,
  };
}

/** A page of that host was seen to work in a frame. */
export function withoutRefusal(refusals: Refusals, address: string): Refusals {
  const gone = hostPattern(address);
  return Object.fromEntries(Object.entries(refusals).filter(([pattern]) => pattern !== gone));
}

function isFresh(at: number, now: number): boolean {
  return Math.abs(now - at) < REMEMBERED_FOR; // a clock that was set back must not make an entry permanent
}
