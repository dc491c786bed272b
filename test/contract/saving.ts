import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { ComfyUi } from '../../src/comfyui/client';
import { DiskError, type Sink } from '../../src/platform/folder';
import { saveOutputs, type Saved } from '../../src/outputs/saver';
import type { SaveProgress } from '../../src/outputs/transferProgress';
import { systemClock, type Clock } from '../../src/platform/clock';
import { OutputFolder } from '../../src/platform/node/outputFolder';
import { LogBook } from '../fakes/setup';
import { startComfyUi } from '../simulator/comfyui/comfyUi';

export interface SaveOptions {
  readonly signal?: AbortSignal;
  /** Replaces the network. */
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  /** How many bytes fit on the disk. */
  readonly room?: number;
  /** How many bytes the disk claims to have room for. */
  readonly claimedRoom?: number;
  readonly onProgress?: (progress: SaveProgress) => void;
}

/** A ComfyUI with outputs, a disk for saving, and all requests made for that. */
export async function startSaving(t: TestContext) {
  let now = Date.UTC(2030, 0, 1, 12);
  // All files have different times, which are part of their tags.
  const server = await startComfyUi({ gpu: 'A10G', renderSeconds: 0, now: () => now++ });
  t.after(() => server.close());
  const { control } = server;
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'outputs-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  const folder = path.join(root, 'session');
  const log = new LogBook();
  const ranges: string[] = [];
  const asked: { before: (url: URL, method: string) => void } = { before: () => undefined };

  const save = (options: SaveOptions = {}): Promise<Saved> => {
    const comfyUi = new ComfyUi(server.url, {
      clock: options.clock ?? systemClock,
      log,
      random: () => 0,
      fetch: (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input);
        asked.before(url, init?.method ?? 'GET');
        const range = new Headers(init?.headers).get('range');
        if (range !== null) ranges.push(`${url.searchParams.get('filename')} ${range}`);
        return (options.fetch ?? fetch)(input, init);
      },
    });
    return saveOutputs({
      comfyUi,
      history: (signal) => comfyUi.history(signal),
      folder:
        options.room === undefined
          ? new OutputFolder(root, 'session')
          : new SmallDisk(root, options.room, options.claimedRoom ?? Infinity),
      clock: options.clock ?? systemClock,
      random: () => 0,
      signal: options.signal ?? new AbortController().signal,
      progress: (progress) => options.onProgress?.(progress),
    });
  };

  /** A finished run that wrote these files, each holding its own name unless another content is given. */
  const ran = (files: Readonly<Record<string, string | Uint8Array>>, type: 'output' | 'temp' = 'output') => {
    const images = Object.entries(files).map(([name, content]) => {
      const cut = name.lastIndexOf('/');
      const ref = { filename: name.slice(cut + 1), subfolder: name.slice(0, Math.max(0, cut)), type };
      control.putFile(ref, content);
      return ref;
    });
    return control.recordRun({ '9': { images } });
  };

  return { server, control, save, ran, folder, log, ranges, asked };
}

class SmallDisk extends OutputFolder {
  constructor(
    root: string,
    private room: number,
    /** How much it says that it takes. */
    private readonly claimedRoom: number,
  ) {
    super(root, 'session');
  }

  override fits(bytes: number): Promise<void> {
    return bytes <= this.claimedRoom
      ? Promise.resolve()
      : Promise.reject(new DiskError('No room for it.', { isForAll: false }));
  }

  override async receive(name: string, from: number): Promise<Sink> {
    const sink = await super.receive(name, from);
    const write = (bytes: Uint8Array) => {
      if (bytes.length > this.room) return Promise.reject(new DiskError('The disk is full.'));
      this.room -= bytes.length;
      return sink.write(bytes);
    };
    return { write, close: () => sink.close() };
  }
}

/** Path and content of every visible file in a folder; content that is no text is given by its length. */
export function contentOf(folder: string): Readonly<Record<string, string>> {
  if (!fs.existsSync(folder)) return {};
  const files = fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => path.join(entry.parentPath, entry.name));
  const read = files.map((file) => [path.relative(folder, file), fs.readFileSync(file, 'utf8')] as const);
  return Object.fromEntries(read.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Bytes that differ by position, so that a part in the wrong place is noticed. */
export const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) % 251);
