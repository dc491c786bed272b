import { plain } from './answers';
import type { Api } from './server';

const ALLOWED = new Set([
  'https://app.comfydeploy.com',
  'https://studio.comfydeploy.com',
  'https://staging.app.comfydeploy.com',
  'https://staging.studio.comfydeploy.com',
]);

const METHODS = 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT';

/** The allow-list is exact: the origin of a webview or of one of our pages is not in it. */
export function answerCors(app: Api): void {
  app.use('/api/*', async (context, next) => {
    const origin = context.req.header('origin');
    if (origin === undefined) return next();
    if (context.req.method === 'OPTIONS' && context.req.header('access-control-request-method')) {
      return preflight(origin, context.req.header('access-control-request-headers'));
    }
    await next();
    if (!ALLOWED.has(origin)) return undefined;
    context.header('access-control-allow-origin', origin);
    context.header('access-control-allow-credentials', 'true');
    context.header('vary', 'Origin');
    return undefined;
  });
}

function preflight(origin: string, requested: string | undefined): Response {
  const allowed = ALLOWED.has(origin);
  const answer = allowed ? plain('OK') : plain('Disallowed CORS origin', 400);
  answer.headers.set('access-control-allow-methods', METHODS);
  answer.headers.set('access-control-allow-credentials', 'true');
  answer.headers.set('access-control-max-age', '600');
  answer.headers.set('vary', 'Origin');
  if (requested !== undefined) answer.headers.set('access-control-allow-headers', requested);
  if (allowed) answer.headers.set('access-control-allow-origin', origin);
  return answer;
}
