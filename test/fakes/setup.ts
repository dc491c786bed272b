import { parseBaseUrl } from '../../src/platform/baseUrl';
import type { Files } from '../../src/platform/journal';
import { memoryFiles } from './memoryFiles';
import { createApp, type Ports } from '../../src/app';
import { NO_SPENDING_LIMITS } from '../../src/spending/spendingLimits';
import type { Logger } from '../../src/platform/logger';
import { MachineId, SessionId } from '../../src/comfydeploy/model';
import type { Memory } from '../../src/platform/memory';
import type { Ended, Ready, Snapshot } from '../../src/sessions/snapshot';
import { FakeComfyDeploy } from './comfyDeploy';
import { FakeKeyRing, keyOf } from './keys';
import { ManualClock } from './manualClock';
import { FakeMemento } from './vscode/storage';
import { machineWire, sessionWire, type Wire } from './wire';
import { USUAL_SETTINGS } from './guardSettings';

export const SERVER = 'https://api.test/api';
export const KEY = keyOf({ user_id: 'user-me', iat: 1_890_000_000 });

/** Everything that was logged. */
export class LogBook implements Logger {
  readonly lines: string[] = [];
  /** At the lowest level; these are among the lines, too. */
  readonly traced: string[] = [];
  readonly info = (message: string): void => void this.lines.push(message);
  readonly warn = this.info;

  trace(message: string): void {
    this.traced.push(message);
    this.info(message);
  }
}

/** A server and a clock in the test's hands. */
export function setupServer() {
  const clock = new ManualClock();
  const api = new FakeComfyDeploy(clock);
  api.machines = [machineWire()];
  return { api, clock };
}

/** The whole core, real down to `fetch`, with a clock, a key and a server in the test's hands. */
export function setup(
  files: Files = memoryFiles(),
  memory: Memory = new FakeMemento(),
  { api, clock } = setupServer(),
  ports: Partial<Ports> = {},
) {
  const keys = new FakeKeyRing({ token: KEY, source: 'stored', server: SERVER });
  const log = new LogBook();
  const settings = { baseUrl: SERVER };
  const presence = { isWatched: false, isFocused: false, inUse: [], saving: [] };
  const app = createApp({
    keys,
    files,
    memory,
    guardSettings: () => USUAL_SETTINGS,
    clock,
    log,
    random: () => 0.5,
    display: () => ({ warnAt: [], spendingLimits: NO_SPENDING_LIMITS }),
    presence: () => presence,
    baseUrl: () => parseBaseUrl(settings.baseUrl, 'some.setting', false),
    fetch: api.fetch,
    ...ports,
  });
  const ended: Ended[] = [];
  app.store.onDidEnd((one) => ended.push(one));
  return { api, clock, keys, log, settings, presence, app, store: app.store, ended };
}

/** The same, with one known session of ours. */
export async function setupOne(overrides: Wire = {}) {
  const world = setup();
  world.api.sessions = [sessionWire('one', world.clock.now(), overrides)];
  await world.store.refresh();
  return world;
}

export const sessionId = (id: string): SessionId => SessionId.parse(id);
export const machineId = (id: string): MachineId => MachineId.parse(id);

/** @throws {Error} while nothing is known. */
export function readyOf(snapshot: Snapshot): Ready {
  if (snapshot.kind !== 'ready') throw new Error(`not ready but ${snapshot.kind}`);
  return snapshot;
}

/** `id phase` of every session, in order. */
export const phasesOf = (snapshot: Snapshot): readonly string[] =>
  readyOf(snapshot).sessions.map(({ id, phase }) => `${id} ${phase}`);
