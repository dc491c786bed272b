import type { Sockets } from '../core/comfyui/sockets';

/** What speaks is a bundle of its own, read when first needed. */
export const sockets: Sockets = {
  open(address, told) {
    let isOver = false;
    let close = () => {};
    const closed = () => {
      if (isOver) return;
      isOver = true;
      told.closed();
    };
    import('./socket').then(({ openSocket }) => {
      if (!isOver) close = openSocket(address, { ...told, closed });
    }, closed);
    return {
      dispose: () => {
        isOver = true;
        close();
      },
    };
  },
};
