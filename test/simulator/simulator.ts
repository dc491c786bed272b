import { IncomingMessage, ServerResponse, type Server } from 'node:http';
import { Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { requireKey } from './auth';
import { SimulatorClock } from './clock';
import { Control } from './control';
import { controlRoutes } from './controlRoutes';
import { answerCors } from './cors';
import { addPeople, furnish } from './demoWorld';
import { Faults } from './faults';
import { answerWithFaults } from './faultyAnswers';
import { RequestLog } from './requestLog';
import { logRoutes } from './routes/logs';
import { machineRoutes } from './routes/machines';
import { pageRoutes } from './routes/pages';
import { platformRoutes } from './routes/platform';
import { sessionRoutes } from './routes/sessions';
import { workflowRoutes } from './routes/workflows';
import { signInRoutes } from './routes/signIn';
import type { Tunnels } from './sessions';
import { completeApp, createApp, refuseHead, type Api } from './server';
import { ComfyUiTunnels, noTunnels } from './tunnels';
import { World } from './world';

export interface SimulatorOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** `empty`, the default: two people and their keys, nothing else. */
  readonly world?: 'empty' | 'demo';
  readonly clock?: SimulatorClock;
  /** From the request for a session to its ComfyUI being reachable. */
  readonly startUpMs?: number;
  /** False: sessions get an address where nothing answers. Or tunnels other than its own. */
  readonly comfyUi?: boolean | Tunnels;
  /** Runs in its sessions take the clock's time, not real time. */
  readonly runsByClock?: boolean;
}

export interface Simulator extends AsyncDisposable {
  readonly url: string;
  readonly apiUrl: string;
  readonly control: Control;
  /**
   * The same answer without a connection, for measurements with a million requests. Cannot apply a fault that cuts one.
   */
  readonly answer: (request: Request) => Promise<Response>;
  readonly close: () => Promise<void>;
}

/** A ComfyDeploy on this machine's loopback: the API under `/api`, a little of the dashboard beside it. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const clock = options.clock ?? new SimulatorClock();
  const tunnels = new ComfyUiTunnels(clock, options.runsByClock ?? false);
  const settings = options.startUpMs === undefined ? {} : { startUpMs: options.startUpMs };
  const { comfyUi = true } = options;
  const theirs = typeof comfyUi === 'object' ? comfyUi : noTunnels;
  const world = new World(clock, comfyUi === true ? tunnels : theirs, settings);
  const parts = { world, faults: new Faults(), log: new RequestLog(), tunnels };
  const control = new Control(parts);
  addPeople(world);
  if (options.world === 'demo') await furnish(world);

  const app = appOf(parts, control);
  const server = await listen(app, options.port ?? 0);
  const url = `http://127.0.0.1:${portOf(server)}`;
  const close = async () => {
    clock.close();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections(); // after `close`, as Node's documentation asks: no connection can come in between
    await Promise.all([closed, tunnels.closeAll()]);
  };
  const answer = async (request: Request) => {
    const outgoing = new ServerResponse(new IncomingMessage(new Socket()));
    const answered = await app.fetch(request, { outgoing });
    outgoing.emit('close');
    return answered;
  };
  return { url, apiUrl: `${url}/api`, control, answer, close, [Symbol.asyncDispose]: close };
}

function appOf(
  { world, faults, log }: { readonly world: World; readonly faults: Faults; readonly log: RequestLog },
  control: Control,
): Api {
  const app = createApp();
  answerWithFaults(app, faults, log, world.clock);
  answerCors(app);
  requireKey(app, world);
  refuseHead(app);
  sessionRoutes(app, world);
  machineRoutes(app, world);
  platformRoutes(app, world);
  workflowRoutes(app, world);
  logRoutes(app, world);
  signInRoutes(app, world);
  pageRoutes(app, world);
  controlRoutes(app, control);
  completeApp(app);
  return app;
}

/** The adapter must not replace this process's own `Request` and `Response`: tests use them. */
async function listen(app: Api, port: number): Promise<Server> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The simulator listens on no port.');
  return address.port;
}
