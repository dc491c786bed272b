import type { Context } from 'hono';
import { InternalError, json, Refusal } from '../answers';
import { Fields, isUuid } from '../fields';
import { micros, naive, spaced, zulu } from '../instants';
import { parsed, sentText } from '../jsonb';
import type { VersionRecord, WorkflowRecord } from '../model';
import { queryOf, type Api, type Env } from '../server';
import type { World } from '../world';
import { matcherOf } from './search';
import { bodyIn, inserted, objectIn, textOf, written } from './workflowBodies';

const MISSING = "Workflow not found or you don't have access to it";

export function workflowRoutes(api: Api, world: World): void {
  api.get('/api/workflows', (context) => json(page(context, world)));
  api.get('/api/workflows/all', (context) => json(everything(context, world)));
  api.post('/api/workflow', (context) => create(context, world));
  api.get('/api/workflow/:id', (context) => written(one(context, world)));
  api.patch('/api/workflow/:id', (context) => change(context, world));
  api.delete('/api/workflow/:id', (context) => remove(context, world));
  api.post('/api/workflow/:id/clone', (context) => clone(context, world));
  api.get('/api/workflow/:id/versions', (context) => written(versions(context, world)));
  api.post('/api/workflow/:id/version', (context) => save(context, world));
  api.get('/api/workflow/:id/version/:version', (context) => written(versionByNumber(context, world)));
  api.get('/api/workflow-version/:version', (context) => written(versionById(context, world)));
}

function page(context: Context<Env>, world: World): unknown {
  const query = new Fields('query', queryOf(context));
  const matches = matcherOf(query.textOr('search', null));
  const [limit, offset] = [query.intOr('limit', 100), query.intOr('offset', 0)];
  const machineId = query.textOr('machine_id', null);
  const users = query.textOr('user_ids', null)?.split(',');
  query.check();
  if (machineId !== null && !isUuid(machineId)) throw new InternalError('machine_id');
  return visible(context, world)
    .filter((row) => matches(row.name) && (machineId === null || row.machineId === machineId))
    .filter(({ userId }) => users === undefined || users.includes(userId))
    .sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.updatedAt - a.updatedAt)
    .slice(offset, offset + limit)
    .map((row) => listRow(row, world));
}

function listRow(row: WorkflowRecord, { accounts }: World): Record<string, unknown> {
  const user = accounts.user(row.userId);
  return {
    id: row.id,
    name: row.name,
    created_at: spaced(row.createdAt),
    updated_at: spaced(row.updatedAt),
    pinned: row.pinned,
    cover_image: row.coverImage,
    user_name: user?.firstName ?? null,
    user_id: row.userId,
    selected_machine_id: row.machineId,
    user_icon: user?.imageUrl ?? null,
  };
}

function everything(context: Context<Env>, world: World): unknown {
  const query = new Fields('query', queryOf(context));
  const search = query.textOr('search', null);
  const matches = matcherOf(search);
  const limit = query.intOr('limit', Infinity);
  query.check();
  return visible(context, world)
    .filter((row) => matches(row.name) || row.id === search)
    .sort((a, b) => b.createdAt - a.createdAt)
    .slice(0, limit)
    .map((row) => workflowRow(row, naive));
}

/** All columns. */
export function workflowRow(row: WorkflowRecord, at: (time: number) => string): Record<string, unknown> {
  return {
    id: row.id,
    user_id: row.userId,
    org_id: row.orgId,
    name: row.name,
    selected_machine_id: row.machineId,
    created_at: at(row.createdAt),
    updated_at: at(row.updatedAt),
    pinned: row.pinned,
    deleted: row.deleted,
    description: row.description,
    cover_image: row.coverImage,
  };
}

function one(context: Context<Env>, world: World): unknown {
  const row = mine(context, world, MISSING);
  const query = new Fields('query', queryOf(context));
  const limit = query.intOr('limit', 1);
  query.check();
  const newest = row.versions.toReversed().slice(0, limit);
  const { user_id, name, created_at, updated_at, ...rest } = workflowRow(row, spaced);
  const times = { created_at, updated_at, org_id: row.orgId };
  const inner = newest.map((version) => innerRow(row, version));
  return { id: row.id, user_id, name, ...times, ...rest, versions: inner.length > 0 ? inner : [null] };
}

/** The order of keys differs from route to route. */
function innerRow(row: WorkflowRecord, version: VersionRecord) {
  const { graph, prompt, snapshot } = textOf(version);
  return {
    workflow_id: row.id,
    id: version.id,
    workflow: graph,
    workflow_api: prompt,
    version: version.version,
    created_at: naive(version.createdAt),
    updated_at: naive(version.createdAt),
    snapshot: null,
    dependencies: null,
    user_id: version.userId,
    comment: version.comment,
    machine_version_id: version.machineVersionId,
    machine_id: version.machineId,
    comfyui_snapshot: snapshot,
  };
}

function versionRow(row: WorkflowRecord, version: VersionRecord) {
  const { graph, prompt, snapshot } = textOf(version);
  return {
    id: version.id,
    workflow_api: prompt,
    comment: version.comment,
    version: version.version,
    dependencies: null,
    created_at: zulu(version.createdAt),
    machine_version_id: version.machineVersionId,
    comfyui_snapshot: snapshot,
    workflow_id: row.id,
    workflow: graph,
    user_id: version.userId,
    snapshot: null,
    updated_at: zulu(version.createdAt),
    machine_id: version.machineId,
  };
}

/** A deleted workflow has an empty list. */
function versions(context: Context<Env>, world: World): unknown {
  const row = mine(context, world, MISSING, true);
  const query = new Fields('query', queryOf(context));
  const matches = matcherOf(query.textOr('search', null));
  const [limit, offset] = [query.intOr('limit', 100), query.intOr('offset', 0)];
  query.check();
  if (limit < 0) throw new InternalError('limit');
  const icon = world.accounts.user(row.userId)?.imageUrl ?? null;
  return (row.deleted ? [] : row.versions)
    .toReversed()
    .filter(({ comment }) => matches(comment ?? ''))
    .slice(offset, offset + limit)
    .map((version) => ({ ...versionRow(row, version), user_icon: icon }));
}

function versionByNumber(context: Context<Env>, world: World): unknown {
  const path = new Fields('path', { version: context.req.param('version') });
  const number = path.int('version');
  path.check();
  return found(visible(context, world), (row, one) => row.id === context.req.param('id') && one.version === number);
}

function versionById(context: Context<Env>, world: World): unknown {
  const path = new Fields('path', { version: context.req.param('version') });
  const id = path.uuid('version');
  path.check();
  return found(visible(context, world), (_, one) => one.id === id);
}

function found(rows: readonly WorkflowRecord[], isMeant: (row: WorkflowRecord, one: VersionRecord) => boolean) {
  const [one, twin] = rows.flatMap((row) =>
    row.versions.filter((each) => isMeant(row, each)).map((each) => [row, each] as const),
  );
  if (twin) throw new InternalError('MultipleResultsFound');
  if (one) return versionRow(...one);
  throw new Refusal(404, "Workflow version not found or you don't have access to it");
}

async function create(context: Context<Env>, world: World): Promise<Response> {
  const { fields } = await bodyIn(context.req.raw);
  const name = fields.text('name');
  const graph = fields.text('workflow_json');
  const prompt = fields.textOr('workflow_api', 'null');
  const machineId = fields.textOr('machine_id', null);
  const machineVersionId = fields.textOr('machine_version_id', null);
  fields.check();
  if (![graph, prompt].every(isJson)) return json({ error: 'Invalid JSON format' }, 400);
  if (machineId !== null && !isUuid(machineId)) throw new InternalError('machine_id');
  const scope = context.get('scope');
  const isKnown = machineId === null || world.machinesOf(scope).some(({ id, deleted }) => id === machineId && !deleted);
  if (!isKnown) return json({ error: 'Machine not found' }, 404);
  const { id } = world.workflows.add({ ...scope, name, graph, prompt, machineId, machineVersionId });
  return json({ workflow_id: id, machine_id: machineId });
}

function isJson(text: string): boolean {
  try {
    parsed(text);
    return true;
  } catch {
    return false;
  }
}

async function save(context: Context<Env>, world: World): Promise<Response> {
  const { fields, members } = await bodyIn(context.req.raw);
  const comment = fields.textOr('comment', null);
  const machineId = fields.textOr('machine_id', null);
  const machineVersionId = fields.textOr('machine_version_id', null);
  const graph = objectIn(fields, members, 'workflow');
  const prompt = objectIn(fields, members, 'workflow_api');
  fields.check();
  const id = context.req.param('id') ?? '';
  if (!isUuid(id)) throw new Refusal(500, `invalid input for query argument $1: '${id}' [SQL: SELECT …`);
  const row = visible(context, world).find((workflow) => workflow.id === id);
  if (!row) throw new Refusal(500, '404: Workflow not found');
  if (machineId !== null && !isUuid(machineId)) throw new Refusal(500, 'badly formed hexadecimal UUID string');
  if (machineId !== null && !world.machines.get(machineId))
    throw new Refusal(
      500,
      `Key (selected_machine_id)=(${machineId}) is not present in table "machines". [SQL: UPDATE …`,
    );
  const snapshot = members.get('comfyui_snapshot') ?? null;
  const { userId } = context.get('scope');
  const sent = { graph: sentText(graph), prompt: sentText(prompt), snapshot: sentText(snapshot) };
  const place = { comment, machineId, machineVersionId, userId };
  const version = inserted(() => world.workflows.addVersion(id, { ...sent, ...place }));
  return written(savedRow(row, version, sent));
}

/** Shows what was sent, not what was kept, and dates that no parser accepts. */
function savedRow(
  row: WorkflowRecord,
  version: VersionRecord,
  sent: Pick<VersionRecord, 'graph' | 'prompt' | 'snapshot'>,
) {
  const { graph, prompt, snapshot } = textOf(sent);
  const at = `${micros(version.createdAt)}+00Z`;
  return {
    id: version.id,
    created_at: at,
    updated_at: at,
    workflow_id: row.id,
    version: version.version,
    user_id: version.userId,
    workflow: graph,
    workflow_api: prompt,
    comment: version.comment,
    machine_version_id: version.machineVersionId,
    machine_id: version.machineId,
    comfyui_snapshot: snapshot,
  };
}

/** With `pinned`, all other fields are ignored. */
async function change(context: Context<Env>, world: World): Promise<Response> {
  const { fields } = await bodyIn(context.req.raw);
  const pinned = fields.flagOr('pinned', null);
  const deleted = fields.flagOr('deleted', null);
  const name = fields.textOr('name', null);
  const machineId = fields.textOr('selected_machine_id', null);
  const description = fields.textOr('description', null);
  const coverImage = fields.textOr('cover_image', null);
  fields.check();
  const { id } = mine(context, world, 'Workflow not found');
  if (machineId !== null && !world.machines.get(machineId)) throw new InternalError('selected_machine_id');
  const asked = { name, machineId, description, coverImage, deleted };
  const given = Object.entries(asked).filter(([, value]) => value !== null);
  const updatedAt = world.clock.now();
  world.workflows.alter(id, pinned === null ? { ...Object.fromEntries(given), updatedAt } : { pinned });
  const row = world.workflows.get(id);
  if (!row) throw new InternalError('id');
  const zone = pinned === null ? { updated_at: `${micros(row.updatedAt)}Z` } : {};
  return json({ ...workflowRow(row, naive), ...zone });
}

function remove(context: Context<Env>, world: World): Response {
  world.workflows.alter(mine(context, world, 'Workflow not found').id, { deleted: true });
  return json({ message: 'Workflow deleted successfully' });
}

async function clone(context: Context<Env>, world: World): Promise<Response> {
  const { fields } = await bodyIn(context.req.raw);
  const name = fields.textOr('name', null);
  fields.check();
  const row = mine(context, world, MISSING);
  const { graph, prompt } = row.versions.at(-1) ?? {};
  const input = { ...context.get('scope'), name: name ?? `${row.name} (Cloned)`, ...(graph ? { graph } : {}) };
  const { id } = world.workflows.add({ ...input, ...(prompt ? { prompt } : {}) });
  world.workflows.alter(id, { machineId: row.machineId });
  const copy = world.workflows.get(id);
  if (!copy) throw new InternalError('id');
  const at = `${micros(copy.createdAt)}+00:00`;
  const { userId, orgId, machineId } = copy;
  const who = { org_id: orgId, user_id: userId, created_at: at, updated_at: at };
  return json({ id, name: copy.name, ...who, selected_machine_id: machineId, pinned: false, deleted: false });
}

function visible(context: Context<Env>, world: World): readonly WorkflowRecord[] {
  return world.workflows.of(context.get('scope')).filter(({ deleted }) => !deleted);
}

function mine(context: Context<Env>, world: World, missing: string, withDeleted = false): WorkflowRecord {
  const id = context.req.param('id') ?? '';
  if (!isUuid(id)) throw new InternalError('id');
  const row = world.workflows.of(context.get('scope')).find((one) => one.id === id && (withDeleted || !one.deleted));
  if (!row) throw new Refusal(404, missing);
  return row;
}
