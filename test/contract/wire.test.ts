import assert from 'node:assert/strict';
import test from 'node:test';
import recorded from '../fixtures/wire-samples.json';
import { SimulatorClock } from '../simulator/clock';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { Translation } from './translation';

interface Sample {
  readonly label: string;
  readonly request: { readonly method: string; readonly path: string; readonly json: unknown };
  readonly status: number;
  readonly content_type: string;
  readonly body: unknown;
}

const SAMPLES: readonly Sample[] = recorded.samples;
const PAID = { userId: 'user_paid', orgId: null } as const;
const FREE = { userId: 'free1', orgId: null } as const;

const machineId = (last: number) => `11111111-1111-4111-8111-11111111111${last}`;

/** The account in which the samples were recorded. */
async function recordedWorld(): Promise<{ simulator: Simulator; paidKey: string; freeKey: string }> {
  const clock = new SimulatorClock({ frozenAt: Date.UTC(2026, 10, 21, 22, 15, 22, 704) });
  const simulator = await startSimulator({ clock, comfyUi: false });
  const { control } = simulator;
  control.set({ startUpMs: null });
  const paidKey = control.addKey({ ...PAID, name: 'vs' });
  const freeKey = control.addKey({ ...FREE, name: 'free' });
  control.setAccount(FREE, { plan: 'free', creditDollars: 10 });

  const plain = { ...PAID, builtBy: null, versions: 0, versionId: null, comfyUiVersion: null } as const;
  const versioned = { versions: 1, versionId: '22222222-2222-4222-8222-222222222222', comfyUiVersion: 'abc' };
  control.addMachine({ ...plain, ...versioned, id: machineId(1), name: 'sd-box' });
  control.addMachine({ ...plain, id: machineId(2), name: 'old-builder', builderVersion: '3' });
  control.addMachine({
    ...plain,
    id: machineId(3),
    name: 'my-classic',
    type: 'classic',
    gpu: null,
    builderVersion: null,
  });
  control.addMachine({ ...plain, id: machineId(5), name: 'building one', status: 'building', gpu: 'H100' });
  control.addMachine({ ...plain, id: machineId(8), name: 'nogpu', gpu: null });
  control.addMachine({ ...plain, id: machineId(4), name: 'deleted one', gpu: 'T4', deleted: true });
  control.addMachine({ ...plain, ...FREE, id: machineId(7), name: 'free box', gpu: 'T4' });
  control.addWorkflow({ id: 'ead82560-5aba-4778-85ce-043030c8add7', name: 'wf', machineId: machineId(1) });
  const ended = await control.addSession({ machineId: machineId(7), minutesOld: 9, timeoutMinutes: 15 });
  await control.endSession(ended.id);
  await control.advance(60_123);
  return { simulator, paidKey, freeKey };
}

/** What happened at the service between one recorded request and the next. */
const BEFORE: Readonly<Record<string, (simulator: Simulator) => unknown>> = {
  'delete again': ({ control }) => control.advance(2_345),
  'free: extend before container start': ({ control }) => {
    control.setAccount(FREE, { creditDollars: 0 });
  },
  events: ({ control }) => control.advance(2_345),
  plan: ({ control }) => {
    control.setAccount(PAID, { plan: 'free', isBilledByAutumn: false });
  },
};

test('the simulator answers every recorded request as the server did', async (t) => {
  const { simulator, paidKey, freeKey } = await recordedWorld();
  const translation = new Translation();
  const keyFor = (label: string) => {
    if (label === 'no token') return undefined;
    if (label === 'bad token') return 'abc';
    return label.startsWith('free:') || label === 'events' ? freeKey : paidKey;
  };
  t.after(() => simulator.close());

  for (const { label, request, status, content_type, body } of SAMPLES) {
    await t.test(label, async () => {
      await BEFORE[label]?.(simulator);
      const token = keyFor(label);
      const response = await fetch(translation.apply(`${simulator.url}${request.path}`), {
        method: request.method,
        headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
        ...(request.json === null ? {} : { body: translation.apply(JSON.stringify(request.json)) }),
      });

      assert.equal(response.status, status);
      assert.equal(response.headers.get('content-type'), content_type);
      const answer: unknown = typeof body === 'string' ? await response.text() : await response.json();
      translation.learn(body, answer);
      assert.equal(written(answer), translation.apply(written(body)));
    });
  }
});

const PATTERNS = [
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/, '<naive instant>'],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d\.\d{3})?Z$/, '<instant with zone>'],
  [/^https:\/\//, '<url>'],
  [/^fc-[0-9a-f]{12}$/, '<function id>'],
  [/^\*{4}.{4}$/, '<masked key>'],
] as const;

/** Its text with the keys in their order; where only the form is the server's, the form replaces the value. */
function written(body: unknown): string {
  const form = (text: string) => PATTERNS.find(([pattern]) => pattern.test(text))?.[1] ?? text;
  return JSON.stringify(body, (_, value: unknown) => (typeof value === 'string' ? form(value) : value), 1);
}
