import type { Context } from 'hono';
import { InternalError, Refusal } from '../answers';
import { isUuid } from '../fields';
import { zulu } from '../instants';
import { sees } from '../model';
import type { Api, Env } from '../server';
import type { World } from '../world';

type Send = (event: object) => void;

/**
 * Each connection gets everything from the start, and the server never closes a stream, even after its session ended.
 */
export function logRoutes(api: Api, world: World): void {
  api.get('/api/v2/stream-logs', (context) => {
    const sessionId = context.req.query('session_id');
    if (sessionId !== undefined) return sessionLogs(context, world, sessionId);
    const versionId = context.req.query('machine_id_version');
    if (versionId !== undefined) return buildLog(context, world, versionId);
    return events(() => () => undefined);
  });
}

function sessionLogs(context: Context<Env>, world: World, id: string): Response {
  const session = world.sessions.get(id);
  const known = session && sees(context.get('scope'), session) && world.logs.has(id);
  if (!known) throw new Refusal(404, 'Session not found');
  if (world.settings.logs === 'unavailable') return closed([{ type: 'stream_unavailable' }]);
  const level = context.req.query('log_level');
  return events((send) =>
    world.logs.follow(id, (one) => {
      if (level === undefined || level === one.level) send(one);
    }),
  );
}

/** Its lines have a level of their own: a client that asks for another level gets none. */
function buildLog(context: Context<Env>, world: World, versionId: string): Response {
  if (!isUuid(versionId)) throw new InternalError('machine_id_version');
  const machine = world.machinesOf(context.get('scope')).find((candidate) => candidate.versionId === versionId);
  if (!machine) throw new Refusal(404, 'Machine version not found');
  const level = context.req.query('log_level') ?? BUILDER;
  if (level !== BUILDER) return events(() => () => undefined);
  const line = (message: string) => ({ message, level: BUILDER, timestamp: zulu(machine.updatedAt) });
  return events((send) => {
    for (const message of ['Builder Version: 4', 'Building image']) send(line(message));
    return world.logs.follow(versionId, send);
  });
}

const BUILDER = 'builder';

function closed(all: readonly object[]): Response {
  return new Response(all.map(written).join(''), { headers: HEADERS });
}

function events(follow: (send: Send) => () => void): Response {
  const encoder = new TextEncoder();
  let stop: () => void = () => undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      stop = follow((event) => {
        controller.enqueue(encoder.encode(written(event)));
      });
    },
    cancel() {
      stop();
    },
  });
  return new Response(stream, { headers: HEADERS });
}

const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8' };

/** As Python writes it: ASCII, and a blank after each colon and comma. */
function written(event: object): string {
  const fields = Object.entries(event).map(([key, value]) => `${ascii(key)}: ${ascii(value)}`);
  return `data: {${fields.join(', ')}}\n\n`;
}

function ascii(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x00-\x7f]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
