import type { Sockets } from '../sockets';

/** The implementation is a bundle of its own, loaded when first needed. */
export const sockets: Sockets = {
  open(address, listener) {
    let isOver = false;
    let close = () => {};
    const closed = () => {
      if (isOver) return;
      isOver = true;
      listener.closed();
    };
    const open = async () => {
      const { openSocket } = await import('./socket');
      if (!isOver) close = openSocket(address, { ...listener, closed });
    };
    open().catch(closed); // its message may contain the address
    return {
      dispose: () => {
        isOver = true;
        close();
      },
    };
  },
};
