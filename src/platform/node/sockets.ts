import type { Sockets } from '../sockets';

/** What talks is a bundle of its own, read when first needed. */
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
    open().catch(closed); // its own words may hold the address
    return {
      dispose: () => {
        isOver = true;
        close();
      },
    };
  },
};
