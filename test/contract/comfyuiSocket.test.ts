import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { WebSocket } from 'ws';
import { startComfyUi, type ComfyUi } from '../simulator/comfyui/comfyUi';
import { misshapen, recordedTrace, type RecordedMessage } from './comfyuiRecording';

/** One client, and all messages it received. */
class Listener {
  readonly heard: RecordedMessage[] = [];

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, isBinary) => {
      this.heard.push(isBinary ? { event: data.readUInt32BE(0) } : message(data.toString()));
    });
  }

  /** Connects, and waits for the first message. */
  static async connect({ url }: ComfyUi, clientId?: string): Promise<Listener> {
    const query = clientId === undefined ? '' : `?clientId=${clientId}`;
    const listener = new Listener(new WebSocket(`${url.replace('http', 'ws')}/ws${query}`));
    await listener.until((heard) => heard.length > 0);
    return listener;
  }

  async until(condition: (heard: readonly RecordedMessage[]) => boolean): Promise<void> {
    while (!condition(this.heard)) await once(this.socket, 'message');
  }

  /** Waits until a run of its own is over. */
  over(): Promise<void> {
    return this.until((heard) => heard.some(({ type, data }) => type === 'executing' && data?.['node'] === null));
  }

  /** Waits until something was queued and everything is done. */
  idle(): Promise<void> {
    return this.until((heard) => heard.filter(isStatus).length > 1 && remaining(heard) === 0);
  }

  get types(): readonly (string | undefined)[] {
    return this.heard.map(({ type }) => type);
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}

interface Probe {
  readonly color: number;
  readonly steps?: number;
  readonly failAt?: number;
  readonly clientId?: string;
  readonly number?: number;
}

/** Three nodes: a plain picture, a slow step, a saved file. */
async function post({ url }: ComfyUi, { color, steps = 3, failAt = -1, clientId, number }: Probe): Promise<string> {
  const prompt = {
    '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 48, batch_size: 1, color } },
    '2': {
      class_type: 'ProbeSlow',
      inputs: { image: ['1', 0], steps, delay: 0.02, fail_at: failAt, preview: true },
    },
    '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'run' } },
  };
  const body = JSON.stringify({ prompt, client_id: clientId, number });
  const answer = await fetch(`${url}/prompt`, { method: 'POST', body });
  const { prompt_id } = (await answer.json()) as { readonly prompt_id: string };
  return prompt_id;
}

/**
 * The order of the messages. Repeated steps count once; cumulative states are left out, since the recording was thinned
 * out.
 */
function order(messages: readonly RecordedMessage[]): readonly string[] {
  return messages
    .filter(({ type }) => type !== undefined && type !== 'progress_state' && type !== 'feature_flags')
    .map(({ type, data }) => (type === 'executing' ? `executing ${String(data?.['node'])}` : String(type)))
    .filter((type, index, all) => type !== 'progress' || all[index - 1] !== 'progress');
}

function assertAsRecorded(heard: readonly RecordedMessage[], recorded: readonly RecordedMessage[]): void {
  assert.deepEqual(order(heard), order(recorded));
  for (const { type, data } of heard.filter((each) => each.type !== undefined && each.type !== 'progress_state')) {
    const like = recorded.filter((each) => each.type === type);
    assert.ok(
      like.some((each) => misshapen(data, each.data) === undefined),
      `${type}: ${misshapen(data, like[0]?.data)}`,
    );
  }
}

const message = (text: string): RecordedMessage => JSON.parse(text) as RecordedMessage;
const isStatus = ({ type }: RecordedMessage): boolean => type === 'status';

function remaining(heard: readonly RecordedMessage[]): unknown {
  const last = heard.filter(isStatus).at(-1);
  return last && /"queue_remaining":(\d+)/.exec(JSON.stringify(last.data))?.[1] === '0' ? 0 : undefined;
}

test('ComfyUI over its websocket', async (t) => {
  let comfyUi: ComfyUi;
  t.beforeEach(async () => void (comfyUi = await startComfyUi({ gpu: 'A10G' })));
  t.afterEach(() => comfyUi.close());

  await t.test('sends the submitter each step, and others only how many are queued', async () => {
    const [owner, other, anonymous] = await Promise.all([
      Listener.connect(comfyUi, 'clientA'),
      Listener.connect(comfyUi, 'clientB'),
      Listener.connect(comfyUi),
    ]);
    await post(comfyUi, { color: 1, steps: 5, clientId: 'clientA' });
    await Promise.all([owner.over(), other.idle(), anonymous.idle()]);

    assertAsRecorded(owner.heard, recordedTrace('owner client run (success, previews, no metadata flag)'));
    assertAsRecorded(other.heard, recordedTrace('other client same run'));
    assertAsRecorded(anonymous.heard, recordedTrace('anonymous client same run (sid assigned)'));
    assert.match(String(anonymous.heard[0]?.data?.['sid']), /^[0-9a-f]{32}$/);
  });

  await t.test('sums up the progress of a run, without the nodes that wait', async () => {
    const owner = await Listener.connect(comfyUi, 'a');
    await post(comfyUi, { color: 1, steps: 2, clientId: 'a' });
    await owner.over();

    const states = owner.heard
      .filter(({ type }) => type === 'progress_state')
      .map(({ data }) => data?.['nodes'] as Record<string, { readonly value: number; readonly state: string }>)
      .map((nodes) => Object.entries(nodes).map(([id, { value, state }]) => `${id} ${state} ${value}`));
    assert.deepEqual(states, [
      ['1 running 0'],
      ['1 finished 1'],
      ['1 finished 1', '2 running 0'],
      ['1 finished 1', '2 running 1'],
      ['1 finished 1', '2 running 2'],
      ['1 finished 1', '2 finished 2'],
      ['1 finished 1', '2 finished 2', '3 running 0'],
      ['1 finished 1', '2 finished 2', '3 finished 1'],
    ]);
  });

  await t.test('answers the same prompt from the cache, with the same file', async () => {
    const first = await Listener.connect(comfyUi, 'a');
    await post(comfyUi, { color: 1, clientId: 'a' });
    await first.over();
    await first.close();

    const owner = await Listener.connect(comfyUi, 'a');
    await post(comfyUi, { color: 1, clientId: 'a' });
    await owner.over();
    const [, ...rerun] = owner.heard; // the recording starts after the greeting
    assertAsRecorded(rerun, recordedTrace('owner: identical prompt re-run (all cached)'));
    const shown = (messages: readonly RecordedMessage[]) =>
      messages.find(({ type }) => type === 'executed')?.data?.['output'];
    assert.deepEqual(shown(owner.heard), shown(first.heard));
  });

  await t.test('says which node failed, and keeps the run as an error', async () => {
    const owner = await Listener.connect(comfyUi, 'a');
    const id = await post(comfyUi, { color: 1, steps: 4, failAt: 2, clientId: 'a' });
    await owner.over();

    const [, ...failed] = owner.heard;
    const recorded = recordedTrace('owner: execution_error');
    const end = recorded.findIndex(({ type, data }) => type === 'executing' && data?.['node'] === null);
    assert.deepEqual(order(failed), order(end < 0 ? recorded : recorded.slice(0, end + 1)));
    const error = failed.find(({ type }) => type === 'execution_error');
    const like = recorded.find(({ type }) => type === 'execution_error');
    const ignoring = { current_inputs: {}, current_outputs: [], traceback: [] };
    assert.equal(misshapen({ ...error?.data, ...ignoring }, { ...like?.data, ...ignoring }), undefined);

    const history = (await (await fetch(`${comfyUi.url}/history/${id}`)).json()) as Record<string, { status: unknown }>;
    assert.match(JSON.stringify(history[id]?.status), /"status_str":"error","completed":false/);
  });

  await t.test('sends everybody the progress of a prompt without a client id, but not its results', async () => {
    const bystander = await Listener.connect(comfyUi, 'b');
    await post(comfyUi, { color: 1 });
    await bystander.idle();
    const [, ...heard] = bystander.heard;
    assertAsRecorded(heard, recordedTrace('bystander: a prompt without client_id'));
  });

  await t.test('describes previews to those who asked for it with their first message', async () => {
    const plain = await Listener.connect(comfyUi, 'plain');
    const described = await Listener.connect(comfyUi, 'described');
    described.socket.send('not JSON');
    described.socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
    await described.until((heard) => heard.some(({ type }) => type === 'feature_flags'));

    await post(comfyUi, { color: 1 });
    await Promise.all([plain.idle(), described.idle()]);
    const events = ({ heard }: Listener) => new Set(heard.flatMap(({ event }) => event ?? []));
    assert.deepEqual([...events(plain)], [1]);
    assert.deepEqual([...events(described)], [4]);
  });

  await t.test('gives a client id to the last who asked for it, and to nobody once either has gone', async () => {
    const first = await Listener.connect(comfyUi, 'dup');
    const second = await Listener.connect(comfyUi, 'dup');
    const witness = await Listener.connect(comfyUi, 'witness');
    await post(comfyUi, { color: 1, clientId: 'dup' });
    await second.over();
    assert.deepEqual(first.types, ['status']);

    await first.close();
    const heard = second.heard.length;
    await post(comfyUi, { color: 2, clientId: 'dup' });
    await witness.until((all) => all.filter(isStatus).length >= 7);
    assert.equal(second.heard.length, heard);
  });

  await t.test('sends a client that reconnects mid-run the running node, then the rest', async () => {
    const before = await Listener.connect(comfyUi, 'a');
    await post(comfyUi, { color: 1, steps: 40, clientId: 'a' });
    await before.until((heard) => heard.some(({ type }) => type === 'progress'));
    await before.close();

    const back = await Listener.connect(comfyUi, 'a');
    await back.over();
    assertAsRecorded(back.heard, recordedTrace('owner reconnecting with same clientId mid-run'));
  });

  await t.test('is cut off without a word when the network is lost', async () => {
    const listener = await Listener.connect(comfyUi, 'a');
    comfyUi.control.dropSockets();
    const [code] = (await once(listener.socket, 'close')) as [number];
    assert.equal(code, 1006);
  });
});
