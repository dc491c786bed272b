import assert from 'node:assert/strict';
import test from 'node:test';
import * as z from 'zod/mini';
import { failureOf } from '../../../src/platform/failure';
import { parseInstant } from '../../../src/comfydeploy/instant';
import { readLog, type LogLine } from '../../../src/comfydeploy/logs';
import { unreadIn } from '../../../src/platform/unread';
import {
  CreatedWire,
  CreditWire,
  PlanWire,
  MachineEventWire,
  MachineWire,
  PricesWire,
  ProfileWire,
  SessionWire,
  SignInWire,
  StartErrorsWire,
  StartErrorWire,
} from '../../../src/comfydeploy/wire';
import { ClonedWire, CreatedWorkflowWire, KeptWorkflowWire, VersionWire } from '../../../src/comfydeploy/library';
import { written } from '../../fakes/faults';
import { ListWire } from '../../../src/platform/unread';
import { rowsIn } from '../../fakes/rows';
import { recordings, type Recording } from '../../fakes/samples';

const list = (row: z.core.$ZodType, key: string) => ({ row, key });
type Reader = z.core.$ZodType | ReturnType<typeof list>;

/** The reader of each answer, by method and path; the first match counts. */
const READERS: readonly (readonly [RegExp, Reader])[] = [
  [/^GET \/api\/machines(\/all)?(\?|$)/, list(MachineWire, 'id')],
  [/^GET \/api\/machine\/[0-9a-f-]{36}$/, MachineWire],
  [/^GET \/api\/machine\/[^/]+\/events$/, list(MachineEventWire, 'session_id')],
  [/^GET \/api\/machine-version\/[^/]+\/error-start-logs$/, StartErrorsWire],
  [/^GET \/api\/sessions(\?|$)/, list(SessionWire, 'session_id')],
  [/^GET \/api\/session\/[^/]+$/, SessionWire],
  [/^POST \/api\/session(\/dynamic)?$/, CreatedWire],
  [/^(POST \/api\/session\/.*increase-timeout|DELETE \/api\/session\/)/, z.unknown()],
  [/^GET \/api\/platform\/gpu-pricing$/, PricesWire],
  [/^GET \/api\/platform\/autumn-data$/, CreditWire],
  [/^GET \/api\/platform\/plan$/, PlanWire],
  [/^GET \/api\/platform\/comfyui\/auth-response/, SignInWire],
  [/^GET \/api\/volume\/(private|public)-models$/, ListWire],
  [/^GET \/api\/user\//, ProfileWire],
  [/^GET \/api\/workflows(\?|$)/, list(KeptWorkflowWire, 'id')],
  [/^GET \/api\/workflow\/[^/]+\/versions(\?|$)/, list(VersionWire, 'id')],
  [/^GET \/api\/workflow\/[^/]+\/version\/\d+$/, VersionWire],
  [/^GET \/api\/workflow-version\//, VersionWire],
  [/^POST \/api\/workflow\/[^/]+\/version$/, VersionWire],
  [/^POST \/api\/workflow$/, CreatedWorkflowWire],
  [/^POST \/api\/workflow\/[^/]+\/clone$/, ClonedWire],
  [/^(PATCH|DELETE) \/api\/workflow\//, z.unknown()],
];

/** Answers that we never request and have no schema for. */
const UNREAD = [
  /^GET \/api\/(workflows\/all|v2\/workflow|workflow\/[^/]+(\?|$|\/(deployments|export|gallery|run)))/,
  /^(POST|PATCH|DELETE) \/api\/machine\//,
  /^GET \/api\/machine\/(serverless\/|version|[0-9a-f-]{36}\/(export|workflows|docker-commands|secrets\/linked))/,
  /^GET \/api\/(volume\/(name|downloading-models)|custom-node-list|comfyui-versions)/,
  /^POST \/api\/session\/[^/]+\/snapshot$/,
  /^(GET|POST) \/api\/platform\/(api-keys|check-limit|invoices|usage|usage-details|user-settings)/,
  /^POST \/api\/platform\/comfyui\/auth-request$/,
];

const nameOf = ({ request: { method, path } }: Recording) => `${method} ${path}`;
const isStream = ({ content_type }: Recording) => content_type.startsWith('text/event-stream');
const readerOf = (recording: Recording) => READERS.find(([route]) => route.test(nameOf(recording)))?.[1];
const succeeded = recordings.filter((one) => one.status < 300 && !isStream(one));
const failed = recordings.filter((one) => one.status >= 400);

test('both recordings are replayed, whole', () => {
  assert.ok(recordings.length > 340, String(recordings.length));
  for (const one of succeeded) {
    const isUnread = UNREAD.some((route) => route.test(nameOf(one)));
    assert.notEqual(isUnread, readerOf(one) !== undefined, `${one.label}: ${nameOf(one)}`);
  }
});

test('every recorded answer that is asked for is read, row by row and field by field', async () => {
  let rows = 0;
  for (const one of succeeded) {
    const reader = readerOf(one);
    if (reader === undefined) continue;
    if ('row' in reader) {
      const read = await rowsIn(reader.row, reader.key, one.body);
      assert.deepEqual([read.skipped, read.unread], [[], []], one.label);
      assert.equal(read.rows.length, Array.isArray(one.body) ? one.body.length : -1, one.label);
      rows += read.rows.length;
    } else {
      const parsed = z.safeParse(reader, one.body);
      assert.ok(parsed.success, `${one.label}: ${parsed.error?.message ?? ''}`);
      assert.deepEqual(unreadIn(reader, one.body), [], one.label);
      rows++;
    }
  }
  assert.ok(rows > 140, String(rows));
});

test('why starts failed is read, with its moment', async () => {
  const sent = succeeded.filter((one) => readerOf(one) === StartErrorsWire);
  const lists = await Promise.all(
    sent.map((one) => rowsIn(StartErrorWire, 'timestamp', z.parse(StartErrorsWire, one.body).logs)),
  );
  for (const { skipped, unread } of lists) assert.deepEqual([skipped, unread], [[], []]);
  const all = lists.flatMap(({ rows }) => rows);
  assert.ok(all.length > 0);
  for (const { at, text } of all) {
    assert.ok(at !== undefined && at > Date.UTC(2026, 10, 1) && at < Date.UTC(2026, 11, 31));
    assert.match(text, /Error|Traceback/);
  }
});

test('every recorded failure has a kind and a sentence, and none reveals the database', () => {
  for (const { label, status, body } of failed) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const { message } = failureOf(written(status, text), text, 'ComfyDeploy');
    assert.ok(message.length > 5 && message.length <= 301, label);
    assert.doesNotMatch(message, /SQL|asyncpg|parameters|user_ada|[0-9a-f]{8}-[0-9a-f]{4}-.*\$1|[\r\n]/, label);
    if (status === 422) assert.match(message, /^([\w.]+: |Field required$)/, label);
  }
});

test('every recorded log is read to its last line, and none says that it is complete', async () => {
  const levels = new Set<string>();
  const streams = recordings.filter(isStream);
  assert.ok(streams.length >= 10);
  for (const { label, body } of streams) {
    assert.ok(typeof body === 'string');
    const lines: LogLine[] = [];
    const reading = readLog(new Blob([body]).stream());
    let next = await reading.next();
    for (; !next.done; next = await reading.next()) lines.push(...next.value);
    const events = body.split('\n\n').filter((event) => event.startsWith('data: '));
    const sent = events.map((event) => JSON.parse(event.slice(6)) as { message?: string; level?: string });
    assert.equal(lines.length, sent.filter(({ message }) => message !== undefined).length, label);
    assert.ok(
      lines.every(({ at }) => at > 0),
      label,
    );
    if (!sent.some((event) => 'type' in event)) assert.equal(next.value, false, label);
    for (const { level } of sent) if (level !== undefined) levels.add(level);
  }
  assert.ok(levels.has('builder') && levels.has('info'));
});

/** Begins with a date and a time. */
const LIKE_A_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;

test('every time in every recorded answer is read', () => {
  const spellings = new Set<string>();
  const look = (value: unknown, label: string): void => {
    if (Array.isArray(value)) for (const item of value) look(item, label);
    else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) look(item, label);
    if (typeof value !== 'string' || !LIKE_A_TIME.test(value)) return;
    assert.notEqual(parseInstant(value), undefined, `${label}: ${value}`);
    spellings.add(value.replace(/\d/g, '0'));
  };
  for (const { label, body } of recordings) look(body, label);
  assert.ok(spellings.size >= 9, [...spellings].join('\n'));
});

test('a machine is offered for sessions only where one could start', () => {
  const rows = succeeded.filter((one) => readerOf(one) === MachineWire || nameOf(one).startsWith('GET /api/machines'));
  const hosting = new Map<string, string>();
  for (const { body } of rows)
    for (const row of Array.isArray(body) ? body : [body]) {
      const { name, hosting: able, version } = z.parse(MachineWire, row);
      hosting.set(`${name} ${able.kind === 'unable' ? able.why : 'able'}`, version ?? 'none');
    }
  assert.equal(hosting.get('Flux A10G able'), '0.4.0');
  assert.equal(hosting.get('My workspace unbuilt'), 'none');
  assert.equal(hosting.get('Old builder 3 builder'), '0.3.0');
});
