import type { FromServer } from '../../../src/platform/frames';

/** A frame as a server sends it. */
export function frame(kind: number, content: string | Uint8Array, isLast = true): Uint8Array {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const first = kind | (isLast ? 0x80 : 0);
  const head = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10);
  head.set([first, bytes.length < 126 ? bytes.length : bytes.length < 65_536 ? 126 : 127]);
  if (head.length === 4) head.writeUInt16BE(bytes.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(bytes.length), 2);
  return Uint8Array.from(Buffer.concat([head, bytes]));
}

export const textOfFrames = (messages: readonly FromServer[]): readonly string[] =>
  messages.flatMap((message) => (message.kind === 'text' ? [message.text] : []));
