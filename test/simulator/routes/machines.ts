import type { Context } from 'hono';
import { json, Refusal } from '../answers';
import { Fields } from '../fields';
import { zulu } from '../instants';
import { sees, type MachineRecord, type RunRecord, type SessionRecord } from '../model';
import { queryOf, type Api, type Env } from '../server';
import type { World } from '../world';
import { eventOf, eventOfRun, fullRow, row, versionsOf } from './machineRows';
import { matcherOf } from './search';
import { workflowRow } from './workflows';

const DAY_MS = 24 * 3_600_000;

type Row = Readonly<Record<string, unknown>>;

export function machineRoutes(api: Api, world: World): void {
  api.get('/api/machines', (context) => json(page(context, world)));
  api.get('/api/machines/all', (context) => json(everything(context, world)));
  api.get('/api/machine/serverless/:id/versions', (context) => json(versionPage(context, world)));
  api.get('/api/machine/serverless/:id/versions/all', (context) => json(allVersions(context, world)));
  api.get('/api/machine/serverless/:id/versions/:version', (context) => json(version(context, world)));
  api.get('/api/machine/:id', (context) => json(fullRow(machineOf(context, world))));
  api.get('/api/machine/:id/events', (context) => json(events(context, world)));
  api.get('/api/machine/:id/workflows', (context) => json(workflows(context, world)));
  api.get('/api/machine-version/:id/error-start-logs', (context) => json(startLogs(context, world)));
}

function page(context: Context<Env>, world: World): unknown {
  const query = new Fields('query', queryOf(context));
  const matches = matcherOf(query.textOr('search', null));
  const limit = query.intOr('limit', 100);
  const offset = query.intOr('offset', 0);
  const deleted = query.flagOr('is_deleted', null);
  const workspace = query.flagOr('is_workspace', false);
  const docker = query.flagOr('is_docker', false);
  const selfHosted = query.flagOr('is_self_hosted', false);
  const withWorkflows = query.flagOr('include_has_workflows', false);
  const withSteps = query.flagOr('include_docker_command_steps', false);
  query.check();
  return world
    .machinesOf(context.get('scope'))
    .filter((machine) => machine.isWorkspace === workspace && matches(machine.name))
    .filter((machine) => deleted === null || machine.deleted === deleted)
    .filter(({ type }) => isWanted(type, docker, selfHosted))
    .slice(offset, offset + limit)
    .map((machine) => ({
      ...row(machine),
      ...(withWorkflows ? { has_workflows: hasWorkflows(context, world, machine) } : {}),
      ...(withSteps ? { docker_command_steps: machine.steps } : {}),
    }));
}

function isWanted(type: string, docker: boolean, selfHosted: boolean): boolean {
  if (selfHosted) return type === 'classic' || type === 'runpod-serverless';
  return !docker || type === 'comfy-deploy-serverless';
}

function everything(context: Context<Env>, world: World): unknown {
  const query = new Fields('query', queryOf(context));
  const matches = matcherOf(query.textOr('search', null));
  const limit = query.intOr('limit', Infinity);
  query.check();
  return world
    .machinesOf(context.get('scope'))
    .filter(({ deleted, name }) => !deleted && matches(name))
    .slice(0, limit)
    .map(row);
}

function hasWorkflows(context: Context<Env>, world: World, { id }: MachineRecord): boolean {
  return world.workflows.of(context.get('scope')).some(({ machineId }) => machineId === id);
}

function versionPage(context: Context<Env>, world: World): unknown {
  const query = new Fields('query', queryOf(context));
  const limit = query.intOr('limit', 100);
  const offset = query.intOr('offset', 0);
  query.check();
  return allVersions(context, world).slice(offset, offset + limit);
}

/** Empty for a machine that is unknown or belongs to somebody else. */
function allVersions(context: Context<Env>, world: World) {
  const id = machineIdOf(context);
  const machine = world.machinesOf(context.get('scope')).find((candidate) => candidate.id === id);
  return machine ? versionsOf(machine) : [];
}

function version(context: Context<Env>, world: World): unknown {
  const id = context.req.param('version');
  const found = versionsOf(machineOf(context, world)).find((candidate) => candidate.id === id);
  if (!found) throw new Refusal(404, 'Machine version not found');
  return { ...found, modal_image_id: null, build_log: null };
}

/** The server checks neither the machine's owner nor whether it still exists; it leaves out what has not started. */
function events(context: Context<Env>, world: World): unknown {
  const id = machineIdOf(context);
  const oldest = world.clock.now() - DAY_MS;
  const isMeant = (row: SessionRecord | RunRecord) =>
    row.machineId === id && row.startedAt !== null && row.createdAt >= oldest && sees(context.get('scope'), row);
  const sessions = world.sessions
    .all()
    .filter(isMeant)
    .map((session) => ({ row: session, event: eventOf(session) }));
  const runs = world
    .runs()
    .filter(isMeant)
    .map((run) => ({ row: run, event: eventOfRun(run) }));
  return [...sessions, ...runs].sort((a, b) => b.row.createdAt - a.row.createdAt).map(({ event }) => event);
}

function workflows(context: Context<Env>, world: World): unknown {
  const machine = machineOf(context, world);
  return world.workflows
    .of(context.get('scope'))
    .filter(({ machineId }) => machineId === machine.id)
    .map((row) => reorderedRow(workflowRow(row, zulu)));
}

/** The same columns as elsewhere, in the database's order. */
function reorderedRow({
  id,
  org_id,
  selected_machine_id,
  description,
  cover_image,
  updated_at,
  deleted,
  ...rest
}: Row): Row {
  return { id, org_id, selected_machine_id, description, cover_image, updated_at, deleted, ...rest };
}

function startLogs(context: Context<Env>, world: World): unknown {
  const logs = world.startLogs(context.req.param('id') ?? '');
  return { logs: logs.map(({ at, text }) => ({ timestamp: at / 1_000, logs: text })) };
}

function machineIdOf(context: Context<Env>): string {
  const path = new Fields('path', { machine_id: context.req.param('id') });
  const id = path.uuid('machine_id');
  path.check();
  return id;
}

function machineOf(context: Context<Env>, world: World): MachineRecord {
  const id = machineIdOf(context);
  const machine = world.machinesOf(context.get('scope')).find((candidate) => candidate.id === id);
  if (!machine || machine.deleted) throw new Refusal(404, 'Machine not found');
  return machine;
}
