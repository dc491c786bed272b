import { defaultPrompt, defaultWorkflow } from './comfyui/page/defaultGraph';
import { seedSession } from './seeds';
import type { World } from './world';

export const PERSON = { userId: 'user_demo', orgId: null } as const;
export const MEMBER = { userId: 'user_demo', orgId: 'org_demo' } as const;
const COLLEAGUE = { userId: 'user_mira', orgId: 'org_demo' } as const;

const HOUR = 3_600_000;
const SLOW_START_MS = 120_000;

/** Two people, the organisation they work in, and a personal and an organisation's key of the first. */
export function addPeople(world: World): void {
  const { accounts } = world;
  accounts.addUser({ id: PERSON.userId, username: 'demo', firstName: 'Demo', lastName: 'Person' });
  accounts.addUser({ id: COLLEAGUE.userId, username: 'mira', firstName: 'Mira', lastName: 'Okafor' });
  accounts.addOrg({ id: MEMBER.orgId, name: 'Demo Studio' });
  accounts.setAccount(PERSON, { plan: 'creator_monthly', creditDollars: 25 });
  accounts.setAccount(MEMBER, { plan: 'business_monthly', creditDollars: 240 });
  accounts.addKey({ ...PERSON, name: 'personal' });
  accounts.addKey({ ...MEMBER, name: 'studio' });
}

/** One of everything that a real account may hold. */
export async function furnish(world: World): Promise<void> {
  await furnishPerson(world);
  await furnishStudio(world);
}

async function furnishPerson(world: World): Promise<void> {
  const now = world.clock.now();
  const add = (name: string, hoursOld: number, input: Partial<Parameters<typeof world.machines.add>[0]> = {}) =>
    world.machines.add({ ...PERSON, name, createdAt: now - 900 * HOUR, updatedAt: now - hoursOld * HOUR, ...input });

  const sdBox = add('sd-box', 5);
  const fluxStudio = add('flux-studio', 20, { gpu: 'L4', versions: 4 });
  const videoLab = add('video-lab', 44, { gpu: 'H100', versions: 12 });
  add('upscale-next', 0.2, { gpu: 'L40S', status: 'building', versions: 2 });
  add('broken-nodes', 70, { status: 'error', importFailedLogs: '["comfyui-missing-nodes: import failed"]' });
  add('attic', 700, { type: 'classic', gpu: null, builtBy: null, versions: 0, versionId: null });
  add('old-builder', 800, { builderVersion: '3', gpu: 'T4' });
  add('no-default-gpu', 300, { gpu: null });
  add('workspace', 90, { isWorkspace: true });
  add('thrown-away', 850, { deleted: true });
  const before2025 = add('antique', 880, { gpu: 'T4', keepsDeadlines: false });
  const gone = add('soon-gone', 600, { gpu: 'T4' });

  const portrait = { ...PERSON, name: 'portrait', machineId: sdBox.id, at: now - 50 * HOUR };
  const [graph, prompt] = [JSON.stringify(defaultWorkflow), JSON.stringify(defaultPrompt(1))];
  world.workflows.add({ ...portrait, graph, prompt });
  await seedSession(world, { machineId: videoLab.id, state: 'ended', minutesOld: 300, minutesLeft: -255 });
  await seedSession(world, { machineId: sdBox.id, minutesOld: 20, minutesLeft: 40 });
  await seedSession(world, { machineId: fluxStudio.id, minutesOld: 13.5, minutesLeft: 1.5 });
  await seedSession(world, { machineId: before2025.id, state: 'unmanaged', minutesOld: 10, minutesLeft: 50 });
  await seedSession(world, { machineId: gone.id, minutesOld: 6, minutesLeft: 24 });
  world.dropMachine(gone.id);
  await startSlowly(world, videoLab.id);
}

async function furnishStudio(world: World): Promise<void> {
  const render = world.machines.add({ ...MEMBER, name: 'render-farm', gpu: 'A100-80GB' });
  const review = world.machines.add({ ...MEMBER, name: 'review', gpu: 'L4' });
  await seedSession(world, { machineId: render.id, minutesOld: 33, minutesLeft: 57 });
  await seedSession(world, { machineId: review.id, ...COLLEAGUE, minutesOld: 8, minutesLeft: 22 });
}

async function startSlowly(world: World, machineId: string): Promise<void> {
  const { startUpMs } = world.settings;
  world.set({ startUpMs: SLOW_START_MS });
  await seedSession(world, { machineId, state: 'starting', minutesOld: 0, minutesLeft: 30 });
  world.set({ startUpMs });
}
