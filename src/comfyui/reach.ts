import { isUnexpected } from '../platform/baseUrl';
import type { Sockets } from '../platform/sockets';

/** A request that must not leave. */
class OutOfReach extends TypeError {
  constructor() {
    super('The server names an address on this computer or network, which nobody has asked to open.');
  }
}

/**
 * What a server elsewhere may have reached. It can name any port of this computer or network as a session's address, and what listens
 * there need not be a session: nothing is sent there before the user has said so, for this window.
 */
export class Reach {
  readonly #trusted = new Set<string>();

  /** @param server the address of the server in use. */
  constructor(private readonly server: () => string) {}

  isTrusted(address: string): boolean {
    return this.#trusted.has(originOf(address));
  }

  trust(address: string): void {
    this.#trusted.add(originOf(address));
  }

  /** On this computer, or this network, although the server is not, and not trusted so far. */
  isUnexpected(address: string): boolean {
    return isUnexpected(address, this.#server) && !this.isTrusted(address);
  }

  /** @returns the same, which rejects where nothing may be sent. */
  guard(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return (input, init) => {
      const address = input instanceof Request ? input.url : String(input);
      // A key goes to the address it was made for, which the user has set, now or when a sign-in began.
      const hasKey = new Headers(init?.headers).has('authorization');
      return this.isUnexpected(address) && !hasKey ? Promise.reject(new OutOfReach()) : fetch(input, init);
    };
  }

  /** The same of sockets, which are closed at once where nothing may be sent. */
  guardSockets(sockets: Sockets): Sockets {
    return {
      open: (address, listener) => {
        if (!this.isUnexpected(address.replace(/^ws/i, 'http'))) return sockets.open(address, listener);
        queueMicrotask(() => listener.closed());
        return { dispose: () => undefined };
      },
    };
  }

  /** None while the setting is wrong. */
  get #server(): string {
    try {
      return this.server();
    } catch {
      return '';
    }
  }
}

/** Of a page and of its socket alike. */
function originOf(address: string): string {
  return URL.canParse(address) ? new URL(address).origin.replace(/^ws/, 'http') : '';
}
