import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { ComfyUi } from '../../../src/comfyui/client';
import { download, type Line, type Transfer } from '../../../src/outputs/download';
import type { Folder } from '../../../src/platform/folder';
import { OutputFolder } from '../../../src/platform/node/outputFolder';
import { ManualClock } from '../../fakes/manualClock';
import { LogBook } from '../../fakes/setup';
import { until } from '../../fakes/until';

const FILE = { filename: 'a.bin', subfolder: '', type: 'output' } as const;
const TOLD = { size: 10, tag: '"one"' };

/** A ComfyUI whose answers the test makes, and a real disk. */
function start(t: TestContext, answer: (from: number, count: number) => Response) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'download-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  const clock = new ManualClock();
  const froms: number[] = [];
  const comfyUi = new ComfyUi('http://127.0.0.1:8188', {
    clock,
    log: new LogBook(),
    random: () => 0,
    fetch: async (_, init) => {
      const from = Number(/^bytes=(\d+)-$/.exec(new Headers(init?.headers).get('range') ?? '')?.[1]);
      froms.push(from);
      const response = answer(from, froms.length);
      if (response.status === 302 && init?.redirect === 'error') throw new TypeError('fetch failed');
      return response;
    },
  });
  const fetchIt = (transfer: Partial<Transfer> = {}, folder?: Line['folder']) => {
    const whole = { file: FILE, path: 'a.bin', known: TOLD, canResume: false, ...transfer };
    const { signal } = new AbortController();
    const into = folder ?? new OutputFolder(root, 'session');
    return download(whole, { comfyUi, folder: into, clock, random: () => 0, signal, came: () => undefined });
  };
  const part = path.join(root, 'session', 'a.bin.part');
  const begun = () => (fs.existsSync(part) ? fs.readFileSync(part, 'utf8') : undefined);
  /** What is on the disk from an earlier attempt. */
  const begin = (text: string) => {
    fs.mkdirSync(path.dirname(part), { recursive: true });
    fs.writeFileSync(part, text);
  };
  /** Advances until it is over; pauses have length 0 here. */
  const over = async (work: Promise<unknown>, step = 0) => {
    let isOver = false;
    work.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    await until('the end', () => {
      void clock.advance(step);
      return isOver;
    });
  };
  return { clock, froms, fetchIt, begun, begin, over };
}

const encode = (text: string) => new TextEncoder().encode(text);

/** Parts of a body, and what happens after them. */
function bodyOf(parts: readonly string[], then: 'end' | 'break' | 'nothing' = 'end'): ReadableStream<Uint8Array> {
  const rest = [...parts];
  return new ReadableStream(
    {
      pull(controller) {
        const next = rest.shift();
        if (next !== undefined) return controller.enqueue(encode(next));
        if (then === 'end') controller.close();
        if (then === 'break') controller.error(new TypeError('terminated'));
      },
    },
    { highWaterMark: 0 },
  );
}

const whole = (parts: readonly string[], headers: Record<string, string>, then?: 'end' | 'break') =>
  new Response(bodyOf(parts, then), { headers });
const rest = (parts: readonly string[], from: number, headers: Record<string, string>) =>
  new Response(bodyOf(parts), { status: 206, headers: { 'content-range': `bytes ${from}-9/10`, ...headers } });

const LENGTH = { 'content-length': '10' };

test('bytes beyond the announced length are cut off as they come, and the part is discarded', async (t) => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        controller.enqueue(encode('1234'));
        sent++;
      },
    },
    { highWaterMark: 0 },
  );
  const { fetchIt, begun, froms, over } = start(
    t,
    () => new Response(endless, { headers: { ...LENGTH, etag: '"one"' } }),
  );
  const fetching = fetchIt();
  await over(fetching);
  await assert.rejects(fetching, { kind: 'malformed', message: 'It is larger than expected.' });
  assert.deepEqual([begun(), sent, froms], [undefined, 3, [0]]);
});

test('a file of unknown size is bounded, too', async (t) => {
  const block = new Uint8Array(64_000_000);
  let written = 0;
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(block) });
  const { fetchIt, over } = start(t, () => new Response(endless, { headers: { 'transfer-encoding': 'chunked' } }));
  const disk: Pick<Folder, 'arrived' | 'receive' | 'discard'> = {
    arrived: () => Promise.resolve(0),
    receive: () =>
      Promise.resolve({
        write: (bytes) => Promise.resolve(void (written += bytes.length)),
        close: () => Promise.resolve(),
      }),
    discard: () => Promise.resolve(void (written = 0)),
  };
  const fetching = fetchIt({ known: { size: undefined, tag: undefined } }, disk);
  await over(fetching);
  await assert.rejects(fetching, {
    kind: 'malformed',
    message: 'It is larger than expected.',
  });
  assert.equal(written, 0);
});

test('what broke off is gone on with under the same tag', async (t) => {
  const headers = { ...LENGTH, etag: '"one"' };
  const { fetchIt, begun, froms, over } = start(t, (from) =>
    from === 0 ? whole(['abcd'], headers, 'break') : rest(['efghij'], 4, { etag: '"one"' }),
  );
  const fetching = fetchIt();
  await over(fetching);
  await fetching;
  assert.deepEqual([begun(), froms], ['abcdefghij', [0, 4]]);
});

const RESUMED: readonly (readonly [what: string, first: string | undefined, second: string | undefined])[] = [
  ['another tag', '"one"', '"two"'],
  ['a tag that is no longer told', '"one"', undefined],
  ['a tag that was not told before', undefined, '"two"'],
  ['no tag at all', undefined, undefined],
];
for (const [what, first, second] of RESUMED) {
  test(`a download is not gone on with across ${what}, though the size is the same`, async (t) => {
    const tagged = (tag: string | undefined): Record<string, string> => (tag === undefined ? {} : { etag: tag });
    const { fetchIt, begun, froms, over } = start(t, (from, count) => {
      if (count === 1) return whole(['old,'], { ...LENGTH, ...tagged(first) }, 'break');
      if (from > 0) return rest(['-other'], from, tagged(second));
      return whole(['new-', 'other.'], { ...LENGTH, ...tagged(second) });
    });
    const fetching = fetchIt({ known: { size: 10, tag: first } });
    await over(fetching);
    assert.equal((await fetching).size, 10);
    assert.equal(begun(), 'new-other.');
    assert.deepEqual(froms, first === undefined ? [0, 0] : [0, 4, 0], 'where nothing tells them apart it begins anew');
  });
}

test('what came earlier is thrown away once the file has another tag, though the size is the same', async (t) => {
  const { fetchIt, begun, begin, over } = start(t, (from) =>
    from > 0 ? rest(['-other'], from, { etag: '"two"' }) : whole(['new-', 'other.'], { ...LENGTH, etag: '"two"' }),
  );
  begin('old,');
  const fetching = fetchIt({ canResume: true });
  await over(fetching);
  assert.deepEqual([await fetching, begun()], [{ size: 10, tag: '"two"' }, 'new-other.']);
});

test('a trickle counts as a broken connection, and is given up in the end', async (t) => {
  const { fetchIt, clock, froms, over } = start(t, () => {
    const drip = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise<void>((resolve) => clock.after(20_000, resolve));
        controller.enqueue(encode('x'));
      },
    });
    return new Response(drip, { headers: { 'content-length': '1000000', etag: '"one"' } });
  });
  const fetching = fetchIt({ known: { size: 1_000_000, tag: '"one"' } });
  await over(fetching, 10_000);
  await assert.rejects(fetching, { kind: 'offline' });
  assert.equal(froms.length, 4);
});

test('a redirected file is reported, and requested once', async (t) => {
  const { fetchIt, froms, over } = start(
    t,
    () => new Response('', { status: 302, headers: { location: 'https://x/' } }),
  );
  const fetching = fetchIt();
  await over(fetching);
  await assert.rejects(fetching, { kind: 'refused', message: /redirected the request \(HTTP 302\)/ });
  assert.deepEqual(froms, [0]);
});
