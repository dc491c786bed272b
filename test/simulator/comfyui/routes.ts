import { Hono } from 'hono';
import { bodyOf, empty, json, ServerTrouble, text } from './answers';
import { isFolderType } from './files';
import { asRecord } from './json';
import { CHECKPOINTS, objectInfo } from './nodes';
import { itemTuple } from './queue';
import type { Server } from './server';
import { FEATURES } from './sockets';
import { systemStats } from './stats';
import { upload } from './upload';
import { userdataRoutes } from './userdataRoutes';
import { view } from './view';

const MODEL_FOLDERS = ['checkpoints', 'configs', 'loras', 'vae', 'text_encoders', 'diffusion_models', 'controlnet'];

/** Every route that also exists under /api. */
export function apiRoutes(server: Server): Hono {
  const app = new Hono();
  app.route('/', queueRoutes(server));
  app.route('/', historyRoutes(server));
  app.route('/', userdataRoutes(server.userdata));
  app.route('/', infoRoutes(server));
  app.get('/view', (c) => view(c.req.raw, server.files));
  app.post('/upload/image', (c) => upload(c.req.raw, server.files));
  app.get('/ws', () => text('No WebSocket UPGRADE hdr: None\n Can "Upgrade" only to "WebSocket".', 400));
  return app;
}

function queueRoutes({ queue, runner, submissions }: Server): Hono {
  const app = new Hono();
  app.get('/prompt', () => json({ exec_info: { queue_remaining: queue.remaining } }));
  app.post('/prompt', async (c) => submissions.post(await bodyOf(c.req.raw)));
  app.get('/queue', () =>
    json({
      queue_running: queue.running ? [itemTuple(queue.running)] : [],
      queue_pending: queue.pending.map(itemTuple),
    }),
  );
  app.post('/queue', async (c) => {
    const { clear, ids } = clearing(await bodyOf(c.req.raw));
    if (clear) queue.clear();
    ids.forEach((id) => queue.delete(id));
    return empty();
  });
  app.post('/interrupt', async (c) => {
    const asked = asRecord(parsedOr({}, await c.req.text()))?.['prompt_id'];
    const running = queue.running?.promptId;
    if (running !== undefined && (asked === undefined || asked === running)) runner.pace.interrupt();
    return empty();
  });
  app.post('/free', async (c) => {
    const body = asRecord(await bodyOf(c.req.raw));
    runner.free(body?.['unload_models'] === true, body?.['free_memory'] === true);
    return empty();
  });
  return app;
}

function historyRoutes({ history }: Server): Hono {
  const app = new Hono();
  app.get('/history', (c) =>
    json(history.page(wholeNumber(c.req.query('max_items')), wholeNumber(c.req.query('offset')))),
  );
  app.get('/history/:id', (c) => json(history.one(c.req.param('id'))));
  app.post('/history', async (c) => {
    const { clear, ids } = clearing(await bodyOf(c.req.raw));
    if (clear) history.clear();
    ids.forEach((id) => history.delete(id));
    return empty();
  });
  return app;
}

function infoRoutes({ gpu, runner, files }: Server): Hono {
  const app = new Hono();
  app.get('/system_stats', () => json(systemStats(gpu, runner.modelsLoaded)));
  app.get('/features', () => json(FEATURES));
  app.get('/object_info', () => json(objectInfo(undefined, files.names('input'))));
  app.get('/object_info/:node', (c) => json(objectInfo(c.req.param('node'), files.names('input'))));
  app.get('/embeddings', () => json([]));
  app.get('/extensions', () => json(['/extensions/comfyui-deploy/index.js']));
  app.get('/users', () => json({ storage: 'server', migrated: false }));
  app.get('/i18n', () => json({}));
  app.get('/workflow_templates', () => json({}));
  app.get('/models', () => json(MODEL_FOLDERS));
  app.get('/models/:folder', (c) => {
    const folder = c.req.param('folder');
    if (!MODEL_FOLDERS.includes(folder)) return empty(404);
    return json(folder === 'checkpoints' ? CHECKPOINTS : []);
  });
  app.get('/internal/logs', () => json('Starting server\n'));
  app.get('/internal/folder_paths', () => json({ checkpoints: ['/comfyui/models/checkpoints'] }));
  app.get('/internal/files/:type', (c) => {
    const type = c.req.param('type');
    return isFolderType(type) ? json(files.names(type)) : json({ error: 'Invalid directory type' }, 400);
  });
  return app;
}

/** The body that empties the queue or the history, or removes single entries. */
function clearing(body: unknown): { readonly clear: boolean; readonly ids: readonly string[] } {
  const asked = asRecord(body);
  if (!asked) throw new ServerTrouble('not an object');
  const ids = asked['delete'];
  return { clear: asked['clear'] === true, ids: Array.isArray(ids) ? ids.map(String) : [] };
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text)) throw new ServerTrouble('not a number');
  return Number(text);
}

function parsedOr(fallback: unknown, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return fallback; // an interrupt needs no body
  }
}
