import { Hono } from 'hono';
import { empty, nothingThere, text, trouble } from './answers';
import { jobsRoutes } from './jobs';
import { pageRoutes } from './page/page';
import { apiRoutes } from './routes';
import type { Server } from './server';
import { FEATURES } from './sockets';

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'POST, GET, DELETE, PUT, OPTIONS',
  'Access-Control-Allow-Headers': 'Content-Type, Authorization',
  'Access-Control-Allow-Credentials': 'true',
} as const;

const METHODS = ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'] as const;

/** Statuses that are answered below the middleware that adds the CORS headers. */
const WITHOUT_CORS = new Set([405, 413, 500]);

export interface HttpOptions {
  readonly server: Server;
  readonly jobsApi: boolean;
  /** Called for every request, with "GET /prompt". */
  readonly asked: (request: string) => void;
}

/** The server's answer to any request. */
export function httpHandler({ server, jobsApi, asked }: HttpOptions): (request: Request) => Promise<Response> {
  const app = new Hono();
  app.route('/', pageRoutes(server.manners, server.now()));
  app.route('/', apiRoutes(server));
  app.route('/api', apiRoutes(server));
  if (jobsApi) app.route('/api', jobsRoutes(server));
  app.onError(trouble);
  app.notFound((c) => missing(app, c.req.method, c.req.path));

  return async (request) => {
    const { pathname } = new URL(request.url);
    asked(`${request.method} ${pathname}`);
    const refusal = server.faults.refusal(pathname);
    if (refusal !== undefined) return dated(text('The session is not reachable.', refusal), server);

    const answer = await respond(app, request);
    await server.faults.stall(pathname);
    return dated(server.faults.cut(pathname, await server.faults.corrupt(pathname, answer)), server);
  };
}

async function respond(app: Hono, request: Request): Promise<Response> {
  if (request.method === 'OPTIONS') return withCors(empty());
  if (Number(request.headers.get('content-length')) > FEATURES.max_upload_size) {
    return text(`Maximum request body size ${FEATURES.max_upload_size} exceeded.`, 413);
  }
  const answer = await app.fetch(request);
  return WITHOUT_CORS.has(answer.status) ? answer : withCors(answer);
}

/** The static folder at the root takes every GET; any other method on a path that has routes, or none, is not allowed. */
function missing(app: Hono, method: string, path: string): Response {
  if (method === 'GET' || method === 'HEAD') return nothingThere();
  const known = METHODS.filter((each) => app.router.match(each, path)[0].length > 0);
  const allowed = new Set(['GET', 'HEAD', ...known]);
  return text('405: Method Not Allowed', 405, { Allow: [...allowed].toSorted().join(',') });
}

function withCors(answer: Response): Response {
  for (const [name, value] of Object.entries(CORS)) answer.headers.set(name, value);
  return answer;
}

/** The `Date` of the answers uses the server's clock, too. */
function dated(answer: Response, { now }: Server): Response {
  answer.headers.set('Date', new Date(now()).toUTCString());
  answer.headers.set('Server', 'Python/3.11 aiohttp/3.12.15');
  return answer;
}
