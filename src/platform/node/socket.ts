import WebSocket from 'ws';
import type { SocketListener } from '../sockets';

/** Pictures may be sent unasked; what is larger ends the connection. */
const LARGEST_MESSAGE = 16 * 1024 * 1024;
/** Bytes. No text that is worth reading is longer. */
const LONGEST_TEXT = 1024 * 1024;
const HANDSHAKE_MS = 10_000;

/** @returns what closes it without a word. An error is told as a closing: its own words may hold the address. */
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
  socket.on('error', () => undefined); // a closing follows
  socket.on('close', closed);
  return () => {
    socket.removeAllListeners('open').removeAllListeners('message').removeAllListeners('close');
    socket.terminate();
  };
}
