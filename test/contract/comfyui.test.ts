import assert from 'node:assert/strict';
import test from 'node:test';
import { startComfyUi, type ComfyUi } from '../simulator/comfyui/comfyUi';
import { misshapen, recordedCors, recordedPairs, type RecordedAnswer, type RecordedRequest } from './comfyuiRecording';

test('ComfyUI over HTTP answers as recorded', async (t) => {
  /** Recorded id, entity tag or date -> ours. */
  const known = new Map<string, string>();

  const comfyUi = await startComfyUi({ gpu: 'CPU' });
  for (const filename of ['page.html', 'pic.svg', 'x.js', 't.txt', 'd.json', 'm.glb']) {
    comfyUi.control.putFile({ type: 'input', subfolder: '', filename }, Buffer.from('<svg/>'));
  }
  t.after(() => comfyUi.close());

  for (const [name, { request, answer }] of recordedPairs) {
    await t.test(name, async () => {
      if (/^\/(history|view)/.test(request.path)) await idle(comfyUi);
      const response = await send(comfyUi.url, request, known);
      const body = Buffer.from(await response.arrayBuffer());
      compareHead(response, answer, known);
      compareBody(body, answer, request, known);
    });
  }
});

async function send(url: string, request: RecordedRequest, known: ReadonlyMap<string, string>): Promise<Response> {
  const { method, path, headers = {}, body, raw, form } = request;
  const translated = (text: string) =>
    [...known].reduce((result, [theirs, ours]) => result.replaceAll(theirs, ours), text);
  const sent = form ? formOf(form) : (raw ?? (body === undefined ? undefined : JSON.stringify(body)));
  const translatedHeaders = Object.entries(headers).map(([key, value]) => [key, translated(value)]);
  return fetch(url + translated(path), {
    method,
    headers: Object.fromEntries(translatedHeaders),
    ...(sent === undefined || method === 'GET' ? {} : { body: typeof sent === 'string' ? translated(sent) : sent }),
  });
}

function formOf(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    const [, filename, other] = /^\(file (.*?)(, other bytes)?\)$/.exec(value) ?? [];
    if (filename === undefined) form.append(name, value);
    else form.append(name, new Blob([beginning(filename), other ?? '']), filename);
  }
  return form;
}

const beginning = (filename: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(filename.endsWith('.wav') ? 'RIFF' : '\x89PNG', 'latin1'));

function compareHead({ status, headers }: Response, recorded: RecordedAnswer, known: Map<string, string>): void {
  assert.equal(status, recorded.status);
  for (const [name, value] of Object.entries(recordedCors)) {
    assert.equal(headers.get(name), recorded.cors ? value : null, name);
  }
  for (const [name, value] of Object.entries(recorded.headers)) {
    const ours = headers.get(name);
    assert.ok(ours !== null, `${name} is missing`);
    if (name === 'Etag' || name === 'Last-Modified') known.set(value, ours);
    else if (name === 'Content-Range') assert.equal(ours.replace(/\/.*/, ''), value.replace(/\/.*/, ''));
    else assert.equal(ours, value, name);
  }
}

function compareBody(
  body: Buffer,
  recorded: RecordedAnswer,
  request: RecordedRequest,
  known: Map<string, string>,
): void {
  if (recorded.magic !== undefined) assert.equal(body.toString('hex', 0, 4), recorded.magic);
  if (recorded.text !== undefined && !recorded.text.startsWith('(')) assert.equal(body.toString(), recorded.text);
  if (recorded.json === undefined) return;

  const json: unknown = JSON.parse(body.toString());
  assert.equal(misshapen(json, recorded.json), undefined);
  if (request.path.startsWith('/userdata?')) assert.deepEqual(listed(json), listed(recorded.json));
  const isText = typeof recorded.json === 'string' && !recorded.json.startsWith('(trimmed');
  if (isText || request.form) assert.deepEqual(json, recorded.json);
  const [theirs, ours] = [promptIdOf(recorded.json), promptIdOf(json)];
  if (theirs !== undefined && ours !== undefined) known.set(theirs, ours);
}

/** The names in a listing, which is not sorted. */
const listed = (json: unknown): readonly string[] =>
  (Array.isArray(json) ? json : []).map((each) => pathOf(each) ?? JSON.stringify(each)).toSorted();

function pathOf(item: unknown): string | undefined {
  return item && typeof item === 'object' && 'path' in item ? String(item.path) : undefined;
}

function promptIdOf(json: unknown): string | undefined {
  const id = json && typeof json === 'object' && 'prompt_id' in json ? json.prompt_id : undefined;
  return typeof id === 'string' ? id : undefined;
}

async function idle({ control }: ComfyUi): Promise<void> {
  while (control.queueRemaining > 0) await control.finishJob();
}
