import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import * as z from 'zod';
import { SimulatorClock } from '../simulator/clock';
import { parsed, plainOf, sentText, type Json } from '../simulator/jsonb';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { inProject } from '../vscode/project';
import { Translation } from './translation';

/** Read with its numbers as they were written: JavaScript's own reader would turn `8.0` into `8`. */
interface Sample {
  readonly label: string;
  readonly method: string;
  readonly path: string;
  readonly sent: string | undefined;
  readonly status: number;
  readonly type: string;
  readonly body: Json;
}

const ADA = { userId: 'user_ada', orgId: null } as const;
const BOB = { userId: 'user_bob', orgId: null } as const;
const HERS = '9c2dd82d-bc29-4161-a00c-6f5df28e5f3c';
const HIS = '15a6d337-040b-48d7-8f5c-0ff57e6a95d5';
const PORTRAIT = '26550170-27b3-447e-a89d-852fc48037dd';

/** What the simulator has no routes for. */
const ELSEWHERE =
  /\/(deployments|export|gallery|runs|run\/latest)(\?|$)|^DELETE \/api\/machine|^\w+ (?!\/api\/(workflow|machine\/[^/]+\/workflows))/;

function samples(): readonly Sample[] {
  const file = parsed(fs.readFileSync(inProject('test/fixtures/wire-samples-2.json'), 'utf8'));
  const all = file instanceof Map ? file.get('samples') : undefined;
  return (Array.isArray(all) ? (all as readonly Json[]) : []).flatMap((one) => {
    const read = sampleOf(one);
    return ELSEWHERE.test(`${read.method} ${read.path}`) ? [] : [read];
  });
}

function sampleOf(one: Json): Sample {
  const at = (json: Json | undefined, key: string) => (json instanceof Map ? (json.get(key) as Json) : null);
  const text = (json: Json | undefined, key: string) => z.string().parse(at(json, key));
  const request = at(one, 'request');
  const json = at(request, 'json');
  return {
    label: text(one, 'label'),
    method: text(request, 'method'),
    path: text(request, 'path'),
    sent: json === null ? undefined : typeof json === 'string' ? json : sentText(json),
    status: Number(plainOf(at(one, 'status'))),
    type: text(one, 'content_type'),
    body: at(one, 'body'),
  };
}

type Asked = (method: string, path: string, body?: object) => Promise<Response>;

/** What happened at the service before a request, without one that was recorded at that place. */
const BEFORE: Readonly<Record<string, (ask: Asked) => Promise<void>>> = {
  async workflows(ask) {
    const path = `/api/workflow/${PORTRAIT}`;
    const cover_image = 'https://img.example.test/c.png';
    await ask('PATCH', path, { name: 'Portrait of a lady', description: 'first', cover_image });
    await ask('PATCH', path, { pinned: true });
    await ask('POST', `${path}/clone`, {});
    await ask('POST', `${path}/clone`, { name: 'Copy' });
  },
};

async function recordedWorld() {
  const clock = new SimulatorClock({ frozenAt: Date.UTC(2026, 10, 27, 19, 53, 26, 599) });
  const simulator = await startSimulator({ clock, comfyUi: false });
  const { control } = simulator;
  control.addUser({ id: ADA.userId, firstName: 'Ada', imageUrl: 'https://img.example.test/x.png' });
  control.addMachine({ ...ADA, id: HERS, name: 'Flux A10G' });
  control.addMachine({ ...BOB, id: HIS, name: "Bob's" });
  const key = (scope: { readonly userId: string; readonly orgId: string | null }) => control.addKey(scope);
  return { simulator, keys: { ada: key(ADA), bob: key(BOB), studio: key({ ...ADA, orgId: 'org_x' }) } };
}

test('the simulator answers every recorded request about workflows as the server did', async (t) => {
  const { simulator, keys } = await recordedWorld();
  t.after(() => simulator.close());
  const translation = new Translation();
  const askAs = (key: string) => asking(simulator, key, translation);
  const all = samples();
  assert.ok(all.length > 70, String(all.length));
  for (const { label, method, path, sent, status, type, body } of all)
    await t.test(label, async () => {
      await BEFORE[label]?.((...request) => askAs(keys.ada)(...request));
      const key = /foreign organi/.test(label) ? keys.studio : /foreign(?! machine)/.test(label) ? keys.bob : keys.ada;
      const response = await askAs(key)(method, path, sent);
      const text = await response.text();
      assert.equal(response.status, status, text);
      assert.equal(response.headers.get('content-type'), type);
      if (type.startsWith('text/')) return assert.equal(text, body);
      const answer = parsed(text);
      translation.learn(plainOf(body), plainOf(answer));
      // What was wrong is repeated by its value, read by another reader than the rest.
      const form = status === 422 ? (json: Json) => JSON.stringify(plainOf(json)) : formOf;
      assert.equal(form(answer), translation.apply(form(body)));
    });
});

function asking(simulator: Simulator, key: string, translation: Translation) {
  return async (method: string, path: string, body?: object | string) => {
    await simulator.control.advance(137);
    return fetch(translation.apply(`${simulator.url}${path}`), {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      ...(body === undefined
        ? {}
        : { body: translation.apply(typeof body === 'string' ? body : JSON.stringify(body)) }),
    });
  };
}

const FORMS = [
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/, 'naive'],
  [/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?$/, 'spaced'],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d\.\d{3})?Z$/, 'zulu'],
  [/^\d{4}-\d\d-\d\dT[\d:]+\.\d{6}(Z|\+00Z|\+00:00)$/, 'micros'],
] as const;

/** Its text, with the keys in their order; of times, and of what a database reports, only the form. */
function formOf(body: Json): string {
  const of = (json: Json): Json => {
    if (json instanceof Map) return new Map([...json].map(([key, member]) => [key, of(member as Json)]));
    if (Array.isArray(json)) return (json as readonly Json[]).map(of);
    if (typeof json !== 'string') return json;
    const [, form = '', zone = ''] =
      FORMS.flatMap(([pattern, name]) => {
        const match = pattern.exec(json);
        return match ? [['', name, name === 'micros' ? match[1] : '']] : [];
      })[0] ?? [];
    return form === '' ? reported(json) : `<${form}${zone}>`;
  };
  return sentText(of(body));
}

/** The server's own sentence names statements and values. */
function reported(text: string): string {
  return text.includes('[SQL:') ? '<a statement>' : text;
}
