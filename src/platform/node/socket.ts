import WebSocket from 'ws';
import type { SocketListener } from '../sockets';

/** ComfyUI may send images; a larger message ends the connection. */
const LARGEST_MESSAGE = 16 * 1024 * 1024;
/** Bytes; longer texts are not needed. */
const LONGEST_TEXT = 1024 * 1024;
const HANDSHAKE_MS = 10_000;

/** @returns a function that closes it silently. An error counts as a closing: its message may contain the address. */
export function openSocket(address: string, { opened, said, closed }: SocketListener): () => void {
  const socket = new WebSocket(address, {
    maxPayload: LARGEST_MESSAGE,
    handshakeTimeout: HANDSHAKE_MS,
    followRedirects: false,
    perMessageDeflate: false,
  });
  socket.on('open', opened);
  socket.on('message', (data, isBinary) => {
    if (!isBinary && Buffer.isBuffer(data) && data.length <= LONGEST_TEXT) said(data.toString());
  });
  socket.on('error', () => undefined); // followed by `close`
  socket.on('close', closed);
  return () => {
    socket.removeAllListeners('open').removeAllListeners('message').removeAllListeners('close');
    socket.terminate();
  };
}
