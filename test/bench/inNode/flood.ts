import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod';
import { SessionId } from '../../../src/comfydeploy/model';
import { systemClock } from '../../../src/platform/clock';
import { LogTerminal } from '../../../src/logs/ui/logTerminal';
import { editor, openEditor } from '../../fakes/vscode/editor';
import { garbageCollector } from './garbage';
import { createSubject } from './subject';

const LINES = 100_000;
/** Well above the limit of what is kept: from here on memory should not grow. */
const FEW = 20_000;
/** As much as a network delivers at a time. */
const CHUNK = 64_000;

export const Flood = z.object({
  /** Of the stream. */
  characters: z.number(),
  ms: z.number(),
  /** What `JSON.parse` takes for the same lines. */
  floor: z.number(),
  /** The longest time that everything else had to wait. */
  longestTurn: z.number(),
  /** After `FEW` and after `LINES` lines, beyond what was there before. */
  heapAfterFew: z.number(),
  heapAfterAll: z.number(),
  kept: z.number(),
  writes: z.number(),
});

/** A log of many lines, colours and progress bars among them, read into an open terminal. */
export async function readFlood(): Promise<z.output<typeof Flood>> {
  const collect = garbageCollector();
  const heap = async () => {
    await afterTurns();
    collect();
    return process.memoryUsage().heapUsed;
  };
  await read(FEW); // excludes what is compiled and cached once
  const before = await heap();
  const few = await read(FEW, heap);
  const all = await read(LINES, heap);
  const { characters, ms, longestTurn, kept, writes } = all;
  return {
    characters,
    ms,
    floor: parsed(),
    longestTurn,
    kept,
    writes,
    heapAfterFew: few.heap - before,
    heapAfterAll: all.heap - before,
  };
}

function parsed(): number {
  const lines = Array.from({ length: LINES }, (_, index) => eventOf(index).slice('data: '.length));
  const start = performance.now();
  for (const line of lines) JSON.parse(line);
  return performance.now() - start;
}

/** Gives stopped work the turns it needs to end. */
async function afterTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

async function read(count: number, heap = () => Promise.resolve(0)) {
  const sent = { lines: 0, characters: 0 };
  const { logs } = createSubject({ log: () => streamOf(count, sent) }, systemClock);
  const closed = () => undefined;
  const follow = (changed: () => void) => logs.follow(SessionId.parse('one'), changed);
  const terminal = new LogTerminal({ name: 'log', follow, lastWords: () => '', clock: systemClock, closed });
  const screen = editor().terminals.at(-1);
  const writes = { count: 0 };
  terminal.onDidWrite(() => {
    writes.count++;
    if (screen) screen.text = ''; // otherwise the fake editor would keep the text
  });
  const start = performance.now();
  terminal.show();
  const followed = follow(() => undefined);
  const { log } = followed;
  let longestTurn = 0;
  while (log.dropped + log.lines.length < count) {
    const turn = performance.now();
    await nextTurn();
    longestTurn = Math.max(longestTurn, performance.now() - turn);
  }
  const ms = performance.now() - start;
  const result = { ...sent, ms, longestTurn, kept: log.lines.length, writes: writes.count, heap: await heap() };
  followed.dispose();
  terminal.dispose();
  openEditor(); // the old editor is released
  return result;
}

function streamOf(count: number, sent: { lines: number; characters: number }): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      await nextTurn();
      let text = '';
      while (text.length < CHUNK && sent.lines < count) text += eventOf(sent.lines++);
      sent.characters += text.length;
      if (text !== '') controller.enqueue(encoder.encode(text));
    },
  });
}

function eventOf(index: number): string {
  const message =
    index % 3 === 0
      ? `\r ${index % 100}%|█████     | ${index % 20}/20 [00:${index % 60}<00:10,  1.97it/s]`
      : `\x1b[32m[INFO]\x1b[0m step ${index}: loaded model part ${index % 7} of 7 in ${index % 1_000} ms`;
  const timestamp = new Date(1_890_000_000_000 + index).toISOString();
  return `data: ${JSON.stringify({ message, level: index % 50 === 0 ? 'error' : 'info', timestamp })}\n\n`;
}
