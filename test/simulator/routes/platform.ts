import type { Context } from 'hono';
import { json, Refusal } from '../answers';
import { bodyOf } from '../fields';
import { naive } from '../instants';
import { PRICES, sees, type KeyRecord, type Scope } from '../model';
import type { Api, Env } from '../server';
import type { World } from '../world';

const FREE_MACHINES = 1;
const PAID_MACHINES = 25;

export function platformRoutes(api: Api, world: World): void {
  api.get('/api/platform/gpu-pricing', pricing);
  api.get('/api/platform/plan', (context) => json(plan(world, context.get('scope'))));
  api.get('/api/platform/autumn-data', (context) => json(credit(world, context.get('scope'))));
  api.get('/api/platform/api-keys', (context) => json(keys(world, context.get('scope'))));
  api.post('/api/platform/api-keys', (context) => addKey(context, world));
  api.get('/api/volume/private-models', () => json(filesOf(world.models)));
  api.get('/api/volume/public-models', () => json(filesOf([])));
  api.get('/api/user/:id', (context) => json(user(context, world)));
}

/** Model files, together with their folders. */
function filesOf(paths: readonly string[]): unknown {
  const folders = new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))));
  const row = (type: number, size: number) => (path: string) => ({ path, type, mtime: 1_750_000_000, size });
  return [...[...folders].map(row(2, 0)), ...paths.map(row(1, 17_246_524_772))];
}

/** As Python writes it, with the exponent. */
function pricing(): Response {
  const text = JSON.stringify(PRICES).replace('0.000042', '4.2e-05');
  return new Response(text, { headers: { 'content-type': 'application/json' } });
}

function plan(world: World, scope: Scope): unknown {
  const { plan, isBilledByAutumn = true } = world.accounts.account(scope);
  const free = plan === 'free';
  return {
    features: {
      machineLimited: free,
      machineLimit: free ? FREE_MACHINES : PAID_MACHINES,
      currentMachineCount: world.machinesOf(scope).length,
      workflowLimited: false,
      workflowLimit: free ? 2 : 300,
      currentWorkflowCount: world.workflows.of(scope).length,
      priavteModels: !free,
      alwaysOnMachineLimit: null,
    },
    plans: {
      plans: free ? [] : [plan],
      names: [],
      prices: [],
      amount: [],
      charges: [],
      cancel_at_period_end: false,
      canceled_at: null,
      payment_issue: false,
      payment_issue_reason: '',
      ...(isBilledByAutumn ? { autumn_data: { features: [] } } : {}),
    },
  };
}

/** Balances are cents. */
function credit(world: World, scope: Scope): unknown {
  const { creditDollars } = world.accounts.account(scope);
  const balances = { 'gpu-credit-topup': Math.round(creditDollars * 100), 'gpu-credit': 0 };
  const list = Object.entries(balances).map(([id, balance]) => ({
    id,
    name: id,
    unlimited: false,
    interval: null,
    balance,
    usage: 0,
    included_usage: 0,
    next_reset_at: null,
  }));
  const features = Object.fromEntries(list.map((feature) => [feature.id, feature]));
  return { autumn_data: { features }, list, credit_schema: {} };
}

/** Keys of the browser sign-in are not among them. */
function keys(world: World, scope: Scope): unknown {
  const own = world.accounts.keys().filter((key) => sees(scope, key) && key.expiresAt === null && !key.revoked);
  return own.map(keyRow);
}

function keyRow(key: KeyRecord): Record<string, unknown> {
  return {
    id: key.id,
    name: key.name,
    revoked: key.revoked,
    token_type: 'user',
    updated_at: naive(key.createdAt),
    key: `****${key.token.slice(-4)}`,
    user_id: key.userId,
    org_id: key.orgId,
    scopes: null,
    created_at: naive(key.createdAt),
  };
}

async function addKey(context: Context<Env>, world: World): Promise<Response> {
  const body = await bodyOf(context.req.raw);
  const name = body.text('name');
  body.check();
  return json({ key: world.accounts.addKey({ ...context.get('scope'), name }).token });
}

function user(context: Context<Env>, world: World): unknown {
  const id = context.req.param('id') ?? '';
  const found = world.accounts.user(id);
  if (!found) throw new Refusal(404, 'User not found');
  const { username, firstName, lastName, imageUrl } = found;
  return { user_id: id, image_url: imageUrl, username, first_name: firstName, last_name: lastName };
}
