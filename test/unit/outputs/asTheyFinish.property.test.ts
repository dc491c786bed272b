import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { SessionSaver } from '../../../src/outputs/sessionSaver';
import { DiskError, type Disk, type Folder } from '../../../src/platform/folder';
import { appState, ready, session } from '../../fakes/appState';
import { ManualClock } from '../../fakes/manualClock';
import { LogBook } from '../../fakes/setup';
import { turn } from '../../fakes/until';

/** A disk that is full after so many operations. */
class MemoryDisk implements Disk {
  readonly files = new Map<string, string>();
  readonly #parts = new Map<string, string>();
  room = Number.POSITIVE_INFINITY;

  absolute = (text: string) => text;
  whyNotWritable = () => Promise.resolve(undefined);

  folder(): Folder {
    const { files } = this;
    const parts = this.#parts;
    return {
      place: '/renders',
      look: (path) => Promise.resolve(files.get(path)?.length),
      read: (path) => Promise.resolve(files.get(path)),
      create: async (path, text) => {
        await this.#spend();
        if (files.has(path)) return false;
        files.set(path, text);
        return true;
      },
      append: async (path, line) => {
        await this.#spend();
        files.set(path, `${files.get(path) ?? ''}${line}\n`);
      },
      isBegun: (path) => Promise.resolve(parts.has(path)),
      fits: () => Promise.resolve(),
      arrived: (path) => Promise.resolve(parts.get(path)?.length ?? 0),
      receive: async (path, from) => {
        await this.#spend();
        parts.set(path, (parts.get(path) ?? '').slice(0, from));
        const write = async (bytes: Uint8Array) => {
          await this.#spend();
          parts.set(path, parts.get(path)! + Buffer.from(bytes).toString('latin1'));
        };
        return { write, close: () => Promise.resolve() };
      },
      finish: (path, name) => {
        if (files.has(name)) return Promise.resolve(false);
        files.set(name, parts.get(path) ?? '');
        parts.delete(path);
        return Promise.resolve(true);
      },
      discard: (path) => Promise.resolve(void parts.delete(path)),
    };
  }

  #spend(): Promise<void> {
    return this.room-- > 0 ? Promise.resolve() : Promise.reject(new DiskError('The disk is full.'));
  }
}

/** The outputs of a ComfyUI, which fails after so many answers. */
class Rendered {
  readonly runs: { readonly id: string; readonly files: readonly string[] }[] = [];
  answers = Number.POSITIVE_INFINITY;

  readonly fetch = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    if (this.answers-- <= 0) return Promise.reject(new TypeError('fetch failed'));
    const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input);
    if (pathname === '/prompt') return Promise.resolve(Response.json({ exec_info: { queue_remaining: 0 } }));
    if (pathname === '/history') return Promise.resolve(Response.json(this.#history(searchParams)));
    const name = searchParams.get('filename') ?? '';
    const headers = { 'content-length': String(name.length), etag: `"${name}"`, 'content-type': 'image/png' };
    return Promise.resolve(new Response(init?.method === 'HEAD' ? null : name, { headers }));
  };

  #history(query: URLSearchParams): unknown {
    const most = Number(query.get('max_items') ?? this.runs.length);
    const from = query.has('offset') ? Number(query.get('offset')) : Math.max(0, this.runs.length - most);
    const page = this.runs.slice(from, from + most).map(({ id, files }) => {
      const images = files.map((filename) => ({ filename, subfolder: '', type: 'output' }));
      const messages = [['execution_success', { timestamp: 1_000 }]];
      const prompt = { '1': { class_type: 'SaveImage', inputs: { id } } };
      return [id, { prompt: [0, id, prompt, {}, ['1']], outputs: { '1': { images } }, status: { messages } }] as const;
    });
    return Object.fromEntries(page);
  }
}

const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('run' as const), files: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'rerun' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'save' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fullDisk' as const), room: fc.nat(12) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lost' as const), answers: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'otherLeads' as const }) },
);

/** Three runs with the same file, of which a save for news sees the last one only. */
const AGAIN_BY_ANOTHER = [
  { kind: 'run', files: 1 } as const,
  ...(['rerun', 'save', 'rerun', 'save', 'otherLeads'] as const).map((kind) => ({ kind })),
];

test('whatever fails on the way, each file is saved once after all, with the workflow of its run', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 30 }), async (events) => {
      const [disk, rendered, clock] = [new MemoryDisk(), new Rendered(), new ManualClock()];
      const leader = () =>
        new SessionSaver({
          disk,
          fetch: rendered.fetch,
          clock,
          log: new LogBook(),
          random: () => 0,
          appState: () => appState({ snapshot: ready({ sessions: [session('one')] }) }),
          canvasOf: () => Promise.resolve(undefined),
        });
      let saver = leader();
      const save = async () => {
        const wishes = { into: '/', signal: new AbortController().signal, progress: () => undefined };
        const over = new AbortController();
        void saver
          .save(session('one'), { ...wishes, isForNews: true })
          .catch(() => undefined)
          .finally(() => over.abort());
        for (let turns = 1; !over.signal.aborted; turns++) {
          await turn();
          if (turns % 20 === 0) await clock.advance(1_000); // something pauses before a retry
        }
        [disk.room, rendered.answers] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      };
      const run = (files: readonly string[]) => rendered.runs.push({ id: `run-${rendered.runs.length}`, files });
      let made = 0;
      for (const one of events) {
        if (one.kind === 'run') run(Array.from({ length: one.files }, () => `${made++}.png`));
        if (one.kind === 'rerun') run(rendered.runs.at(-1)?.files ?? []);
        if (one.kind === 'otherLeads') saver = leader();
        if (one.kind === 'fullDisk') disk.room = one.room;
        if (one.kind === 'lost') rendered.answers = one.answers;
        if (['save', 'fullDisk', 'lost'].includes(one.kind)) await save();
      }
      await save();
      const saved = [...disk.files.keys()].filter((name) => name.endsWith('.png'));
      const wanted = [...new Set(rendered.runs.flatMap(({ files }) => files))];
      assert.deepEqual(saved.toSorted(), wanted.toSorted());
      const workflows = [...disk.files].filter(([name]) => name.endsWith('.json')).map(([, text]) => text);
      for (const { id } of rendered.runs)
        assert.equal(workflows.filter((text) => text.includes(`"${id}"`)).length, 1, `the workflow of ${id}`);
    }),
    { numRuns: 300, examples: [[AGAIN_BY_ANOTHER]] },
  );
});
