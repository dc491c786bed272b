import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { failed, json, Refusal } from './answers';
import type { Scope } from './model';

/** The key's owner, for every handler behind the token check. */
export interface Env {
  readonly Bindings: HttpBindings;
  readonly Variables: { scope: Scope };
}

export type Api = Hono<Env>;

export function createApp(): Api {
  const app = new Hono<Env>();
  app.onError((error) => failed(error));
  return app;
}

/** Call it once all routes exist: known paths refuse other methods, and a trailing slash is redirected. */
export function completeApp(app: Api): void {
  const paths = new Set(app.routes.filter(({ method }) => method !== 'ALL').map(({ path }) => path));
  const known = [...paths].map((path) => new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`));
  for (const path of paths) app.all(path, methodNotAllowed);
  app.notFound((context) => {
    const url = new URL(context.req.url);
    const shorter = url.pathname.replace(/\/$/, '');
    if (shorter === url.pathname || !known.some((path) => path.test(shorter)))
      return failed(new Refusal(404, 'Not Found'));
    url.pathname = shorter;
    return new Response(null, { status: 307, headers: { location: url.href } });
  });
}

/** FastAPI does not answer HEAD by itself. */
export function refuseHead(app: Api): void {
  app.use('/api/*', async (context, next) => (context.req.raw.method === 'HEAD' ? methodNotAllowed() : next()));
}

export function queryOf(context: Context<Env>): Readonly<Record<string, string>> {
  return context.req.query();
}

function methodNotAllowed(): Response {
  return json({ detail: 'Method Not Allowed' }, 405);
}
