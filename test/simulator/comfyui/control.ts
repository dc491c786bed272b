import type { Corruption, PathPattern } from './faults';
import type { FileRef } from './files';
import { NodeFailure, type NodeOutput } from './outputs';
import { defaultPrompt, defaultWorkflow } from './page/defaultGraph';
import type { Server } from './server';

export interface JobOptions {
  /** How long it renders, if not the server's usual time. */
  readonly seconds?: number;
  /** The client id of the page that queues it; by default a client that is not connected. */
  readonly clientId?: string;
}

/** What a test, or a person at the simulator, can do inside a session. */
export interface ComfyUiControl {
  /** What waits and what runs. */
  readonly queueRemaining: number;
  /** Every HTTP request so far, as "GET /prompt". */
  readonly requests: readonly string[];
  readonly openSockets: number;

  /** Queues a prompt and returns its id. */
  startJob(options?: JobOptions): string;
  /** Resolves when the running job, or the next one, has succeeded. */
  finishJob(): Promise<void>;
  /** Fails the running job, at the given node or where it is. */
  failJob(nodeId?: string): Promise<void>;
  clearHistory(): void;
  /** Adds a finished run with numbers in its output that JSON cannot hold. */
  nanInHistory(): string;
  /** Adds a finished run that showed these outputs, whatever they are. */
  recordRun(outputs: Readonly<Record<string, NodeOutput>>): string;
  putFile(ref: FileRef, content: Uint8Array | string): void;
  removeFile(ref: FileRef): void;
  saveWorkflow(path: string, content: string): void;

  /** Breaks every websocket without a closing handshake. */
  dropSockets(): void;
  /** Leaves every websocket open and sends nothing more. */
  muteSockets(): void;
  /** The page may not be shown in a frame. */
  frameRefused(on: boolean): void;
  /** The page never posts to the window around it. */
  pluginAbsent(on: boolean): void;
  /** The page says that it has loaded a graph, and its canvas stays empty. */
  graphsIgnored(on: boolean): void;
  /** The page posts every message it can to the window around it, all the time. */
  hostile(on: boolean): void;
  /** The page uses storage without a check, and crashes where storage is blocked. */
  storageNeeded(on: boolean): void;
  stall(pattern: PathPattern, ms: number): void;
  corrupt(pattern: PathPattern, how: Corruption): void;
  /** A gateway answers instead of the server. */
  refuse(pattern: PathPattern, status: number): void;
  /** Breaks the connection after so many bytes of each answer. */
  cut(pattern: PathPattern, bytes: number): void;
  /** Sends so many bytes of each answer, and then nothing more. */
  hang(pattern: PathPattern, bytes: number): void;
  /** Closes the connection without an answer; the pattern also matches the query. */
  closeConnection(pattern: RegExp): void;
  /** Takes back every stall, corruption, refusal and cut. */
  mend(): void;
}

export interface ControlOptions {
  readonly server: Server;
  readonly requests: readonly string[];
  readonly setSeconds: (promptId: string, seconds: number) => void;
}

export function createControl({ server, requests, setSeconds }: ControlOptions): ComfyUiControl {
  const { queue, history, files, userdata, sockets, runner, submissions, faults, manners } = server;
  let made = 0;

  const startJob = ({ seconds, clientId = 'elsewhere' }: JobOptions = {}): string => {
    const promptId = crypto.randomUUID();
    if (seconds !== undefined) setSeconds(promptId, seconds);
    submissions.post({
      prompt: defaultPrompt(++made),
      prompt_id: promptId,
      client_id: clientId,
      extra_data: { extra_pnginfo: { workflow: defaultWorkflow } },
    });
    return promptId;
  };

  const end = async (how: () => void): Promise<void> => {
    if (queue.remaining === 0) return;
    const ended = runner.nextEnd();
    how();
    await ended;
  };

  const recordRun = (outputs: Readonly<Record<string, NodeOutput>>): string => {
    const promptId = crypto.randomUUID();
    const item = { number: 0, promptId, prompt: {}, extraData: {}, outputs: Object.keys(outputs), clientId: undefined };
    const timestamp = Math.round(server.now());
    const messages = [
      ['execution_start', { prompt_id: promptId, timestamp }],
      ['execution_success', { prompt_id: promptId, timestamp }],
    ] as const;
    history.add({ item, ended: 'success', outputs, messages });
    return promptId;
  };

  return {
    get queueRemaining() {
      return queue.remaining;
    },
    get requests() {
      return requests;
    },
    get openSockets() {
      return sockets.count;
    },
    startJob,
    finishJob: () => end(() => runner.pace.hurry()),
    failJob: (nodeId) =>
      end(() => runner.pace.fail(new NodeFailure('Allocation on device', 'torch.OutOfMemoryError', nodeId))),
    clearHistory: () => history.clear(),
    nanInHistory: () => recordRun({ '1': { score: [NaN, Infinity, -Infinity] } }),
    recordRun,
    removeFile: (ref) => files.remove(ref),
    putFile: (ref, content) => void files.put(ref, Buffer.from(content)),
    saveWorkflow: (path, content) => void userdata.put(path, Buffer.from(content)),
    dropSockets: () => sockets.drop(),
    muteSockets: () => sockets.mute(),
    frameRefused: (on) => void (manners.frameRefused = on),
    pluginAbsent: (on) => void (manners.pluginAbsent = on),
    graphsIgnored: (on) => void (manners.graphsIgnored = on),
    hostile: (on) => void (manners.hostile = on),
    storageNeeded: (on) => void (manners.storageNeeded = on),
    stall: (pattern, ms) => faults.add(pattern, { kind: 'stall', ms }),
    corrupt: (pattern, how) => faults.add(pattern, { kind: 'corrupt', how }),
    refuse: (pattern, status) => faults.add(pattern, { kind: 'refuse', status }),
    cut: (pattern, bytes) => faults.add(pattern, { kind: 'cut', bytes, isQuiet: false }),
    hang: (pattern, bytes) => faults.add(pattern, { kind: 'cut', bytes, isQuiet: true }),
    closeConnection: (pattern) => faults.add(pattern, { kind: 'close' }),
    mend: () => faults.mend(),
  };
}
