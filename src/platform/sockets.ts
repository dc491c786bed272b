import type { Disposable } from './emitter';

/** Two-way connections. Only text messages are passed on. */
export interface Sockets {
  /** @param address secret, never to be shown. Disposing closes it silently. */
  open(address: string, listener: SocketListener): Disposable;
}

export interface SocketListener {
  readonly opened: () => void;
  readonly said: (text: string) => void;
  /** Called once, also if it could not be opened at all. */
  readonly closed: () => void;
}
