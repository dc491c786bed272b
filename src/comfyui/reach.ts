import { isUnexpected, parseUrl } from '../platform/baseUrl';
import type { Sockets } from '../platform/sockets';

/** The request must not be sent. */
class OutOfReach extends TypeError {
  constructor() {
    super('The server names an address on this computer or network, which nobody has asked to open.');
  }
}

/**
 * Restricts what a remote server can make the extension contact. It can name any port of this computer or network as a
 * session's address, and what listens there need not be a session: nothing is sent there before the user has agreed,
 * for this window.
 */
export class Reach {
  /** @param server the address of the server in use. */
  constructor(
    private readonly server: () => string,
    private readonly trusted = new Set<string>(),
  ) {}

  /** What another server can make it contact; what the user has agreed to counts for all. */
  from(server: string): Reach {
    return new Reach(() => server, this.trusted);
  }

  isTrusted(address: string): boolean {
    return this.trusted.has(originOf(address));
  }

  trust(address: string): void {
    this.trusted.add(originOf(address));
  }

  /**
   * Whether an address is on this computer or network although the server is not, and the user has not agreed to it.
   */
  isUnexpected(address: string): boolean {
    return isUnexpected(address, this.#server) && !this.isTrusted(address);
  }

  /** @returns the same function, which rejects if nothing may be sent. */
  guard(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return (input, init) => {
      const address = input instanceof Request ? input.url : String(input);
      // A key is sent to the address that it belongs to, which the user has set, now or when a sign-in began.
      const hasKey = new Headers(init?.headers).has('authorization');
      return this.isUnexpected(address) && !hasKey ? Promise.reject(new OutOfReach()) : fetch(input, init);
    };
  }

  /** The same for sockets, which are closed at once if nothing may be sent. */
  guardSockets(sockets: Sockets): Sockets {
    return {
      open: (address, listener) => {
        if (!this.isUnexpected(address.replace(/^ws/i, 'http'))) return sockets.open(address, listener);
        queueMicrotask(() => listener.closed());
        return { dispose: () => undefined };
      },
    };
  }

  /** Empty while the setting is invalid. */
  get #server(): string {
    try {
      return this.server();
    } catch {
      return '';
    }
  }
}

/** The same for a page and its socket. */
function originOf(address: string): string {
  return parseUrl(address)?.origin.replace(/^ws/, 'http') ?? '';
}
