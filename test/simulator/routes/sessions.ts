import type { Context } from 'hono';
import { InternalError, json, Refusal } from '../answers';
import { bodyOf, Fields, isUuid } from '../fields';
import { naive, naiveOrNull } from '../instants';
import { GPUS, type MachineRecord, type Scope, type SessionRecord } from '../model';
import { queryOf, type Api, type Env } from '../server';
import type { World } from '../world';
import { refuseConcurrency, refuseLongExtension, refuseLongTimeout, refuseWithoutCredit } from './limits';

const DEFAULT_MINUTES = 15;
const SHUTDOWN_WAIT_MS = 30_000;
const DYNAMIC_WAIT_MS = 300_000;

export function sessionRoutes(api: Api, world: World): void {
  api.get('/api/sessions', (context) => json(listed(context, world).map(wireOf)));
  api.get('/api/session/:id', (context) => json(wireOf(openSession(context, world, 'GPUEvent not found'))));
  api.post('/api/session', (context) => create(context, world));
  api.post('/api/session/dynamic', (context) => createDynamic(context, world));
  api.post('/api/session/increase-timeout', (context) => raiseTimeoutField(context, world));
  api.post('/api/session/:id/increase-timeout', (context) => extend(context, world));
  api.post('/api/session/:id/snapshot', (context) => snapshot(context, world));
  api.delete('/api/session/:id', (context) => cancel(context, world));
}

/** Only sessions with a deadline; those whose container has not started come first. */
function listed(context: Context<Env>, world: World): readonly SessionRecord[] {
  const machineId = context.req.query('machine_id');
  if (machineId !== undefined && !isUuid(machineId)) throw new InternalError('machine_id');
  return world
    .openSessionsOf(context.get('scope'))
    .filter((session) => session.deadline !== null && (machineId === undefined || session.machineId === machineId))
    .sort((a, b) => (b.startedAt ?? Infinity) - (a.startedAt ?? Infinity) || b.createdAt - a.createdAt);
}

function wireOf(session: SessionRecord): Record<string, unknown> {
  if (session.gpu === null) throw new InternalError('The response model wants a GPU.');
  return {
    id: session.id,
    session_id: session.id,
    gpu_event_id: session.gpuEventId,
    url: session.url,
    gpu: session.gpu,
    created_at: naive(session.createdAt),
    timeout: session.timeoutMinutes,
    timeout_end: naiveOrNull(session.deadline),
    machine_id: session.machineId,
    machine_version_id: session.machineVersionId,
    status: 'running',
    user_id: session.userId,
    org_id: session.orgId ?? 'None',
  };
}

async function create(context: Context<Env>, world: World): Promise<Response> {
  const scope = context.get('scope');
  refuseWithoutCredit(world, scope);
  const body = await bodyOf(context.req.raw);
  const machineId = body.text('machine_id');
  const gpu = body.oneOfOr('gpu', GPUS, null);
  const timeout = body.intOr('timeout', null);
  const waits = body.flagOr('wait_for_server', false);
  body.check();

  refuseLongTimeout(world, scope, timeout);
  const machine = hostOf(world, scope, machineId);
  const session = world.sessions.create({
    scope,
    machineId: machine.id,
    machineVersionId: machine.versionId,
    gpu: gpu ?? machine.gpu,
    timeoutMinutes: timeout === null || timeout === 0 ? DEFAULT_MINUTES : timeout,
    keepsDeadline: machine.keepsDeadlines,
    sandbox: false,
  });
  return waits ? whenReachable(world, session.id) : whenCalled(world, session.id);
}

/** The server checks neither its status nor whether it was deleted. */
function hostOf(world: World, scope: Scope, machineId: string): MachineRecord {
  if (!isUuid(machineId)) throw new InternalError('machine_id');
  refuseConcurrency(world, scope, machineId);
  const machine = world.machinesOf(scope).find(({ id }) => id === machineId);
  if (!machine) throw new Refusal(404, 'Machine not found');
  if (machine.type !== 'comfy-deploy-serverless') {
    throw new Refusal(400, 'Machine is not a Comfy Deploy Serverless machine');
  }
  if (machine.builderVersion === null) throw new InternalError('builder version');
  if (Number(machine.builderVersion) < 4) throw new Refusal(400, 'Machine builder version is not larger than 4');
  return machine;
}

async function createDynamic(context: Context<Env>, world: World): Promise<Response> {
  const scope = context.get('scope');
  if (world.accounts.account(scope).plan === 'free') {
    throw new Refusal(403, 'Free plan users cannot create sessions, we are mitigating abuse, please wait');
  }
  const body = await bodyOf(context.req.raw);
  const gpu = body.oneOfOr('gpu', GPUS, 'A10G');
  const timeout = body.intOr('timeout', null);
  const machineId = body.textOr('machine_id', null);
  const machineVersionId = body.textOr('machine_version_id', null);
  const waits = body.flagOr('wait_for_server', false);
  body.check();
  const timeoutMinutes = timeout === null || timeout === 0 ? DEFAULT_MINUTES : timeout;
  const input = { scope, machineId, machineVersionId, gpu, timeoutMinutes, keepsDeadline: true, sandbox: true };
  const { id } = world.sessions.create(input);
  if (!waits) return whenCalled(world, id);
  await Promise.race([world.sessions.until(() => isReachable(world, id)), world.clock.sleep(DYNAMIC_WAIT_MS)]);
  return json({ session_id: id, url: world.sessions.get(id)?.url ?? null });
}

async function whenCalled(world: World, id: string): Promise<Response> {
  const called = world.sessions.until(() => {
    const session = world.sessions.get(id);
    return session?.functionId !== null || session.endedAt !== null;
  });
  await Promise.race([called, world.clock.sleep(world.settings.createWaitMs)]);
  return json({ session_id: id, url: null });
}

async function whenReachable(world: World, id: string): Promise<Response> {
  await world.sessions.until(() => isReachable(world, id) || world.sessions.get(id)?.endedAt !== null);
  const url = world.sessions.get(id)?.url ?? null;
  if (url === null) throw new Refusal(500, 'Session creation failed');
  return json({ session_id: id, url });
}

function isReachable(world: World, id: string): boolean {
  return typeof world.sessions.get(id)?.url === 'string';
}

async function extend(context: Context<Env>, world: World): Promise<Response> {
  const body = await bodyOf(context.req.raw);
  const minutes = body.int('minutes');
  body.check();
  const session = openSession(context, world, 'GPU event not found');
  if (session.deadline === null) throw new Refusal(404, 'Timeout end not found for session');
  refuseLongExtension(world, context.get('scope'), session, minutes);
  world.sessions.extend(session.id, minutes);
  return json({ message: 'Timeout increased successfully' });
}

async function raiseTimeoutField(context: Context<Env>, world: World): Promise<Response> {
  const body = await bodyOf(context.req.raw);
  const machineId = body.text('machine_id');
  const sessionId = body.uuid('session_id');
  const minutes = body.int('timeout');
  body.text('gpu');
  body.check();
  if (!world.machinesOf(context.get('scope')).some(({ id }) => id === machineId)) throw new InternalError('machine');
  const session = world.openSession(context.get('scope'), sessionId);
  if (!session) throw new Refusal(404, 'GPU event not found');
  world.sessions.raiseTimeoutField(session.id, minutes);
  return json({ message: 'Timeout increased successfully' });
}

async function snapshot(context: Context<Env>, world: World): Promise<Response> {
  await bodyOf(context.req.raw);
  const session = openSession(context, world, 'GPUEvent not found');
  if (!session.functionId?.startsWith('sb-')) throw new Refusal(400, 'Modal function id is not a sandbox');
  const version_id = session.machineVersionId ?? session.gpuEventId;
  return json({ message: 'Snapshot created', version_id, version: 1, image_id: `im-${session.gpuEventId}` });
}

async function cancel(context: Context<Env>, world: World): Promise<Response> {
  const query = new Fields('query', queryOf(context));
  const waits = query.flagOr('wait_for_shutdown', false);
  query.check();
  const id = context.req.param('id') ?? '';
  const gone = `GPUEvent not found session_id: ${id}, the event might be already closed`;
  const session = openSession(context, world, gone);
  if (world.sessions.cancel(session.id) === 'noContainer') throw new Refusal(400, 'Modal function id not found');
  const ended = world.sessions.until(() => world.sessions.get(session.id)?.endedAt !== null);
  if (waits) await Promise.race([ended, world.clock.sleep(SHUTDOWN_WAIT_MS)]);
  return json({ success: true });
}

function openSession(context: Context<Env>, world: World, detail: string): SessionRecord {
  const session = world.openSession(context.get('scope'), context.req.param('id') ?? '');
  if (!session) throw new Refusal(404, detail);
  return session;
}
