export const encode = (text: string) => new TextEncoder().encode(text);

/** Chunks, and then the end, or nothing for ever. Shows whether the reader has cancelled. */
export function bodyOf(chunks: Iterable<Uint8Array>, ends = true) {
  const source = chunks[Symbol.iterator]();
  const state = { isCancelled: false, pulled: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = source.next();
        state.pulled++;
        if (!next.done) return controller.enqueue(next.value);
        if (ends) return controller.close();
        return new Promise(() => undefined);
      },
      cancel() {
        state.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, state };
}
