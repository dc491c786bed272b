import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer, type IncomingMessage } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { WebSocketServer } from 'ws';
import { createControl, type ComfyUiControl } from './control';
import { Faults } from './faults';
import { Files } from './files';
import { History } from './history';
import { httpHandler } from './http';
import type { After } from './pace';
import { PromptQueue } from './queue';
import { Runner } from './runner';
import type { Server } from './server';
import { Sockets } from './sockets';
import { Submissions } from './submissions';
import { Userdata } from './userdata';
import { breaksItsAnswer } from './view';

export interface ComfyUiOptions {
  /** As ComfyDeploy names it: "A10G", "H100"; "CPU" has no card. */
  readonly gpu: string;
  /** The server's clock, in milliseconds. */
  readonly now?: () => number;
  /** What a run waits by; real time by default, whatever the clock says. */
  readonly after?: After;
  /** By default any free one. */
  readonly port?: number;
  /** How long a prompt samples. */
  readonly renderSeconds?: number;
  /** Does it have /api/jobs and stamp prompts with their time, as newer servers do? */
  readonly jobsApi?: boolean;
  /** Does it keep the id that a prompt is posted with, as servers do since July 2025? */
  readonly ownPromptIds?: boolean;
}

export interface ComfyUi {
  /** Without a trailing slash. */
  readonly url: string;
  readonly control: ComfyUiControl;
  /** Drops open connections and sockets. */
  close(): Promise<void>;
}

const USUAL_SECONDS = 6;

const inRealTime: After = (ms, run) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};

/** Starts the ComfyUI of one session on an origin of its own. */
export async function startComfyUi(options: ComfyUiOptions): Promise<ComfyUi> {
  const { now = Date.now, after = inRealTime, port = 0, renderSeconds = USUAL_SECONDS } = options;
  const { jobsApi = false, ownPromptIds = true } = options;
  const seconds = new Map<string, number>();
  const requests: string[] = [];
  const server = assemble({
    ...options,
    now,
    after,
    jobsApi,
    ownPromptIds,
    secondsFor: (id) => seconds.get(id) ?? renderSeconds,
  });

  const handle = httpHandler({ server, jobsApi, asked: (request) => void requests.push(request) });
  const listener = getRequestListener(handle, { overrideGlobalObjects: false });
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!server.faults.closes(url) && !breaksItsAnswer(url, server.files)) return void listener(request, response);
    requests.push(`${request.method ?? ''} ${url.pathname}`);
    request.socket.destroy();
  });
  acceptSockets(server, http);
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');

  return {
    url: `http://127.0.0.1:${portOf(http.address())}`,
    control: createControl({ server, requests, setSeconds: (id, value) => void seconds.set(id, value) }),
    close: async () => {
      server.runner.pace.close();
      server.sockets.drop();
      const closed = once(http, 'close');
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
}

interface Assembly {
  readonly gpu: string;
  readonly now: () => number;
  readonly after: After;
  readonly jobsApi: boolean;
  readonly ownPromptIds: boolean;
  readonly secondsFor: (promptId: string) => number;
}

function assemble({ gpu, now, after, jobsApi, ownPromptIds, secondsFor }: Assembly): Server {
  const files = new Files(now);
  const history = new History();
  const sockets = new Sockets();
  const queue = new PromptQueue(() => sockets.send('everybody', 'status', statusOf(queue)));
  const runner = new Runner({ queue, history, files, sockets, now, after, secondsFor });
  const createTime = () => (jobsApi ? Math.round(now()) : undefined);
  const submissions = new Submissions({ queue, runner, createTime, ownPromptIds });
  const frame = { frameRefused: false, storageNeeded: false };
  const manners = { ...frame, pluginAbsent: false, graphsIgnored: false, hostile: false };
  const userdata = new Userdata(now);
  return { gpu, now, queue, history, files, userdata, sockets, runner, submissions, faults: new Faults(), manners };
}

const statusOf = (queue: PromptQueue) => ({ status: { exec_info: { queue_remaining: queue.remaining } } });

/**
 * /ws and /api/ws. The first message carries the id; a client that reconnects during a run gets the node that is
 * running.
 */
function acceptSockets(server: Server, http: ReturnType<typeof createServer>): void {
  const { sockets, queue, runner, faults } = server;
  const upgrades = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const refused = faults.refusal(pathname) ?? (/^(\/api)?\/ws$/.test(pathname) ? undefined : 404);
    if (refused !== undefined) return void stream.end(`HTTP/1.1 ${refused} Refused\r\nConnection: close\r\n\r\n`);

    upgrades.handleUpgrade(request, stream, head, (socket) => {
      const clientId = sockets.connect(socket, searchParams.get('clientId') ?? '');
      sockets.send({ clientId }, 'status', { ...statusOf(queue), sid: clientId });
      if (queue.running?.clientId !== clientId || runner.node === undefined) return;
      sockets.send({ clientId }, 'executing', { node: runner.node });
    });
  });
}

const portOf = (address: AddressInfo | string | null): number =>
  address !== null && typeof address === 'object' ? address.port : 0;
