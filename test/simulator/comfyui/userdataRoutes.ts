import { posix } from 'node:path';
import { Hono, type Context } from 'hono';
import { asRecord } from './json';
import { bodyOf, empty, json, ServerTrouble, text } from './answers';
import { contentTypeOf, serveFile } from './serveFile';
import { withinRoot, type Userdata, type UserFile } from './userdata';

const SETTINGS = 'comfy.settings.json';

/** /userdata, /v2/userdata and /settings. A file's path is one segment: its slashes come as %2F. */
export function userdataRoutes(userdata: Userdata): Hono {
  const app = new Hono();
  app.get('/userdata', (c) => list(userdata, new URL(c.req.url).searchParams));
  app.get('/v2/userdata', (c) => listAll(userdata, c.req.query('path') ?? ''));
  app.get('/userdata/:file', (c) => at(c, 'file', (path) => read(userdata, c.req.raw, path)));
  app.post('/userdata/:file', (c) => at(c, 'file', (path) => write(userdata, c, path)));
  app.delete('/userdata/:file', (c) => at(c, 'file', (path) => remove(userdata, path)));
  app.post('/userdata/:file/move/:dest', (c) =>
    at(c, 'file', (path) => at(c, 'dest', (dest) => move(userdata, c, path, dest))),
  );

  app.get('/settings', () => json(settingsOf(userdata)));
  app.get('/settings/:id', (c) => json(settingsOf(userdata)[c.req.param('id')] ?? null));
  app.post('/settings', async (c) => store(userdata, asRecord(await bodyOf(c.req.raw)) ?? {}));
  app.post('/settings/:id', async (c) => store(userdata, { [c.req.param('id')]: await bodyOf(c.req.raw) }));
  return app;
}

/** Runs with a path of the address that stays within the user's root. */
function at(
  c: Context,
  name: 'file' | 'dest',
  act: (path: string) => Response | Promise<Response>,
): Response | Promise<Response> {
  const path = withinRoot(c.req.param(name) ?? '');
  return path === undefined ? empty(403) : act(path);
}

function list(userdata: Userdata, query: URLSearchParams): Response {
  const dir = query.get('dir');
  if (!dir) return text('Directory not provided', 400);
  const folder = withinRoot(dir);
  if (folder === undefined) return text('Invalid directory', 403);
  if (!userdata.isDirectory(folder)) return text('Directory not found', 404);

  const files = userdata.files(folder, isOn(query.get('recurse')));
  if (isOn(query.get('full_info'))) return json(files.map((file) => infoOf(file, posix.relative(folder, file.path))));
  const paths = files.map(({ path }) => posix.relative(folder, path));
  return json(isOn(query.get('split')) ? paths.map((path) => [path, ...path.split('/')]) : paths);
}

function listAll(userdata: Userdata, asked: string): Response {
  const folder = withinRoot(asked);
  if (folder === undefined) return text('Invalid path requested', 400);
  if (!userdata.isDirectory(folder)) return text('Requested path not found', 404);

  const named = (path: string) => ({ name: posix.basename(path), path });
  const directories = userdata.directories(folder).map(({ path }) => ({ ...named(path), type: 'directory' }));
  const files = userdata.files(folder, true).map(({ path, bytes, modifiedAt }) => ({
    ...named(path),
    type: 'file',
    size: bytes.length,
    modified: modifiedAt / 1000,
  }));
  return json([...directories.toSorted(byName), ...files.toSorted(byName)]);
}

function read(userdata: Userdata, request: Request, path: string): Response {
  const file = userdata.get(path);
  return file ? serveFile(request, file, { 'Content-Type': contentTypeOf(path) }) : empty(404);
}

async function write(userdata: Userdata, c: Context, path: string): Promise<Response> {
  if (c.req.query('overwrite') === 'false' && userdata.get(path)) return text('File already exists', 409);
  const file = userdata.put(path, Buffer.from(await c.req.arrayBuffer()));
  return json(isOn(c.req.query('full_info')) ? infoOf(file, path) : path);
}

function remove(userdata: Userdata, path: string): Response {
  if (userdata.delete(path)) return empty(204);
  if (userdata.isDirectory(path)) throw new ServerTrouble('a folder cannot be removed');
  return empty(404);
}

function move(userdata: Userdata, c: Context, path: string, dest: string): Response {
  const file = userdata.get(path);
  if (!file) return empty(404);
  if (c.req.query('overwrite') === 'false' && userdata.get(dest)) return text('File already exists', 409);
  userdata.delete(path);
  const moved = userdata.put(dest, file.bytes);
  return json(isOn(c.req.query('full_info')) ? infoOf(moved, dest) : dest);
}

function store(userdata: Userdata, values: Readonly<Record<string, unknown>>): Response {
  const settings = { ...settingsOf(userdata), ...values };
  userdata.put(SETTINGS, Buffer.from(JSON.stringify(settings, null, 4)));
  return empty();
}

function settingsOf(userdata: Userdata): Readonly<Record<string, unknown>> {
  const file = userdata.get(SETTINGS);
  return (file && asRecord(JSON.parse(file.bytes.toString()))) ?? {};
}

/** Times in seconds, with a fraction. */
const infoOf = ({ bytes, modifiedAt }: UserFile, path: string) => ({
  path,
  size: bytes.length,
  modified: modifiedAt / 1000,
  created: modifiedAt / 1000,
});

const isOn = (flag: string | null | undefined): boolean => flag?.toLowerCase() === 'true';

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => a.name.localeCompare(b.name);
