import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { Refusal } from './answers';
import type { Api, Env } from './server';
import type { World } from './world';

const PUBLIC = [
  /^\/api\/platform\/gpu-pricing\/?$/,
  /^\/api\/platform\/comfyui\/auth-response\/?$/,
  /^\/api\/user\/[^/]+\/?$/,
] as const;

/** Everything under `/api` requires a key, even a path that does not exist. */
export function requireKey(app: Api, world: World): void {
  const check: MiddlewareHandler<Env> = async (context, next) => {
    if (PUBLIC.some((path) => path.test(context.req.path))) return next();
    const authentication = world.accounts.authenticate(tokenOf(context));
    if (authentication.kind === 'refused') throw new Refusal(401, authentication.detail);
    context.set('scope', authentication.scope);
    return next();
  };
  app.use('/api/*', check);
}

/** The first place that has one wins, even when that one is wrong. The scheme word is case-sensitive. */
function tokenOf(context: Context<Env>): string | undefined {
  const authorization = context.req.header('authorization');
  const bearer = authorization?.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : undefined;
  const places = [
    getCookie(context, '__session'),
    context.req.query('cd_token'),
    bearer,
    context.req.header('x-api-key'),
  ];
  return places.find((token) => token !== undefined && token !== '');
}
