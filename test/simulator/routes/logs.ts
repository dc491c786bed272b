import type { Context } from 'hono';
import { Refusal } from '../answers';
import { zulu } from '../instants';
import { sees } from '../model';
import type { Api, Env } from '../server';
import type { World } from '../world';

type Send = (event: object) => void;

/** Each connection gets everything from the start, and a session's stream is never closed from this side. */
export function logRoutes(api: Api, world: World): void {
  api.get('/api/v2/stream-logs', (context) => {
    const sessionId = context.req.query('session_id');
    if (sessionId !== undefined) return sessionLogs(context, world, sessionId);
    const versionId = context.req.query('machine_id_version');
    if (versionId !== undefined) return buildLog(context, world, versionId);
    throw new Refusal(400, 'One of session_id and machine_id_version is needed');
  });
}

function sessionLogs(context: Context<Env>, world: World, id: string): Response {
  const session = world.sessions.get(id);
  const known = session && sees(context.get('scope'), session) && world.logs.has(id);
  if (!known) throw new Refusal(404, 'Session not found');
  if (world.settings.logs === 'unavailable') return closed([{ type: 'stream_unavailable' }]);
  return events((send) => world.logs.follow(id, send));
}

/** Not recorded: the lines of a session's log, with the sentinel that the server names for what is finished. */
function buildLog(context: Context<Env>, world: World, versionId: string): Response {
  const machine = world.machinesOf(context.get('scope')).find((candidate) => candidate.versionId === versionId);
  if (!machine) throw new Refusal(404, 'Machine version not found');
  const line = (message: string) => ({ message, level: 'info', timestamp: zulu(machine.updatedAt) });
  const first = line('Building image');
  if (machine.status === 'building')
    return events((send) => {
      send(first);
      return world.logs.follow(versionId, send);
    });
  const last = line(`Image for ${machine.name} is ${machine.status}`);
  return closed([first, ...world.logs.linesOf(versionId), last, { type: 'stream_complete', source: 'archive' }]);
}

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

const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };

function written(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
