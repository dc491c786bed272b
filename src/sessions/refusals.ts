import { DAY } from '../platform/units';

/** When pages of a host were last seen to refuse a frame: local time in ms, by `hostPattern`. */
export type Refusals = Readonly<Record<string, number>>;

/** Gateways are mended, and a refusal is not looked for while it is remembered. */
const REMEMBERED_FOR = 7 * DAY;
const ADDRESS_OF_NUMBERS = /^(\d+(\.\d+){3}|\[.*\])$/;

/**
 * What a refusal is remembered by. Each session has a host name of its own, which is also the key to it; what refuses
 * is the gateway before them all, and that is in the name's last two words. They are no secret. Ports are left out:
 * where sessions share a host, each has another one.
 */
export function hostPattern(address: string): string {
  const { hostname } = new URL(address);
  return ADDRESS_OF_NUMBERS.test(hostname) ? hostname : hostname.split('.').slice(-2).join('.');
}

export function isRemembered(refusals: Refusals, address: string, now: number): boolean {
  const at = refusals[hostPattern(address)];
  return at !== undefined && isFresh(at, now);
}

/** Also forgets what is too old to count. */
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
  return Math.abs(now - at) < REMEMBERED_FOR; // a clock that was set back must not make a memory eternal
}
