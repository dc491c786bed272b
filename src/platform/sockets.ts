import type { Disposable } from './emitter';

/** Connections that both sides may send over. Only what arrives as text is passed on. */
export interface Sockets {
  /** @param address a key, never to be shown. Disposed, it is closed without a word. */
  open(address: string, listener: SocketListener): Disposable;
}

export interface SocketListener {
  readonly opened: () => void;
  readonly said: (text: string) => void;
  /** Once, also if it could not be opened at all. */
  readonly closed: () => void;
}
