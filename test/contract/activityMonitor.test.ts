import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Work } from '../../src/comfydeploy/model';
import { Poller } from '../../src/platform/poller';
import { ServerTime } from '../../src/platform/serverTime';
import { ActivityMonitor } from '../../src/activity/activityMonitor';
import { MINUTE, ready, session } from '../fakes/appState';
import { ManualClock, settled } from '../fakes/manualClock';
import { LogBook, sessionId } from '../fakes/setup';
import { Rounds } from '../../src/windows/round';
import { createGuarding } from '../../src/timers';
import { Windows, type Window } from './windows';
import { startComfyUi } from '../simulator/comfyui/comfyUi';

const SECOND = 1_000;
const ONE = sessionId('one');

/** A window with everything that runs by itself in it. */
function live({ clock }: Windows, { app }: Window) {
  const rounds = new Rounds({ ...app, ...app.windows, clock, failed: assert.ifError, during: (round) => round() });
  const guardian = createGuarding(app, { clock, failed: assert.ifError });
  rounds.start();
  return () => {
    rounds.dispose();
    guardian.dispose();
  };
}

/** A monitor over the one session behind which the simulator's ComfyUI runs. */
async function connect(t: TestContext, skew = 0) {
  const clock = new ManualClock();
  const now = () => clock.now() + skew;
  const first = await startComfyUi({ gpu: 'A10G', now });
  let server = first;
  t.after(() => server.close());
  const log = new LogBook();
  const traffic = { requests: 0, bytes: 0 };
  const monitor = new ActivityMonitor({
    isTimed: () => false,
    snapshot: () => ready({ sessions: [session('one', { left: 600, url: first.url })] }),
    leadership: { isLeader: true, onDidLook: () => ({ dispose: () => undefined }) },
    serverTime: new ServerTime(clock),
    clock,
    log,
    random: () => 0.5,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const body = await response.arrayBuffer();
      traffic.requests++;
      traffic.bytes += body.byteLength;
      return new Response(body, response);
    },
  });
  const look = async (): Promise<Work> => {
    await monitor.lookAt(ONE);
    return monitor.current.get(ONE)!;
  };
  /** The address stays; the state of the server is gone. */
  const restart = async () => {
    await server.close();
    server = await startComfyUi({ gpu: 'A10G', now, port: Number(new URL(first.url).port) });
  };
  return { clock, monitor, look, restart, log, traffic, url: first.url, control: () => server.control };
}

const minutesIdle = ({ activity }: Work, clock: ManualClock): number | undefined =>
  activity.kind === 'idle' ? Math.round((clock.now() - activity.since) / MINUTE) : undefined;

test('a session is rendering while its queue is not empty, and idle since its last run, by whatever clock', async (t) => {
  for (const skew of [0, 60 * MINUTE, -60 * MINUTE]) {
    const { clock, look, control } = await connect(t, skew);
    control().startJob({ seconds: 600 });
    control().startJob({ seconds: 600 });
    const { activity } = await look();
    assert.deepEqual(activity, { kind: 'rendering', queued: 1, since: clock.now() });
    await control().finishJob();
    await control().finishJob();
    await clock.advance(12 * MINUTE);
    assert.equal(minutesIdle(await look(), clock), 12);
  }
});

test('a run too short to be seen begins the idle time anew, one that failed too', async (t) => {
  const { clock, look, control } = await connect(t);
  for (const end of ['finishJob', 'failJob'] as const) {
    await look();
    await clock.advance(20 * MINUTE);
    control().startJob({ seconds: 600 });
    await control()[end]();
    await clock.advance(3 * MINUTE);
    assert.equal(minutesIdle(await look(), clock), 3, end);
  }
});

test('an emptied history, and one with NaN in it, lead to no wrong activity', async (t) => {
  const { clock, look, control } = await connect(t);
  control().nanInHistory();
  await clock.advance(10 * MINUTE);
  assert.equal(minutesIdle(await look(), clock), 10);
  await clock.advance(MINUTE);
  control().clearHistory();
  assert.equal(minutesIdle(await look(), clock), 0);
  await clock.advance(MINUTE);
  assert.equal(minutesIdle(await look(), clock), 1);
});

test('what cannot be read is unknown, never idle, whatever stands in its place', async (t) => {
  const { look, control, log, url } = await connect(t);
  assert.equal((await look()).activity.kind, 'idle');
  const faults: readonly (() => void)[] = [
    () => control().refuse('/prompt', 500),
    () => control().refuse('/prompt', 404),
    () => control().corrupt('/prompt', 'html'),
    () => control().corrupt('/prompt', 'truncated'),
    () => control().corrupt('/prompt', 'empty'),
  ];
  for (const fault of faults) {
    fault();
    assert.equal((await look()).activity.kind, 'unknown');
    control().mend();
    assert.equal((await look()).activity.kind, 'idle');
  }
  assert.ok(!log.lines.join('\n').includes(new URL(url).host));
});

test('an answer that is late is still an answer, one that never comes leaves the queue unknown', async (t) => {
  const { clock, monitor, look, control } = await connect(t);
  control().stall('/prompt', 200);
  assert.equal((await look()).activity.kind, 'idle');
  control().stall('/prompt', 60_000);
  await clock.advance(MINUTE);
  const looked = monitor.look();
  await settled();
  await clock.advance(10 * SECOND);
  await looked;
  assert.equal(monitor.current.get(ONE)?.activity.kind, 'unknown');
});

test('a ComfyUI that was restarted has been idle since it was seen again', async (t) => {
  const { clock, monitor, look, restart, control } = await connect(t);
  control().startJob({ seconds: 0 });
  await control().finishJob();
  await clock.advance(30 * MINUTE);
  assert.equal(minutesIdle(await look(), clock), 30);
  control().refuse(/^/, 502);
  assert.equal((await look()).activity.kind, 'unknown');
  await restart();
  await clock.advance(MINUTE);
  while ((await look()).activity.kind === 'unknown'); // the first request may use the connection that was closed
  assert.equal(minutesIdle(monitor.current.get(ONE)!, clock), 0);
  assert.ok(monitor.current.get(ONE)?.vram);
});

test('of several windows one looks, all of them know, and another one goes on when it is gone', async (t) => {
  const windows = await Windows.start({ comfyUi: true });
  const { control } = windows.simulator;
  t.after(() => windows.simulator.close());
  const { id } = await control.addSession({ minutesLeft: 60 });
  const comfyUi = control.comfyUi(id)!;
  const all = Array.from({ length: 3 }, () => windows.open());
  for (const one of all) t.after(live(windows, one));
  const kinds = () => all.map(({ app }) => app.monitor.current.get(sessionId(id))?.activity.kind);

  await windows.advance(20 * SECOND);
  assert.deepEqual(kinds(), ['idle', 'idle', 'idle']);
  const before = comfyUi.requests.length;
  comfyUi.startJob({ seconds: 600 });
  await windows.advance(MINUTE);
  assert.deepEqual(kinds(), ['rendering', 'rendering', 'rendering']);
  assert.ok(comfyUi.requests.length - before <= 6, 'no more than one window asks');

  const [leader] = all.splice(
    all.findIndex(({ app }) => app.windows.leadership.isLeader),
    1,
  );
  leader?.crash();
  await comfyUi.finishJob();
  await windows.advance(30 * SECOND);
  assert.deepEqual(kinds(), ['idle', 'idle']);
});

test('the traffic of an idle session stays small', async (t) => {
  const { clock, monitor, traffic, control } = await connect(t);
  control().startJob({ seconds: 0 });
  await control().finishJob();
  const poller = new Poller({ task: () => monitor.look(), rest: () => monitor.rest(), failed: assert.ifError, clock });
  poller.wake();
  for (let second = 0; second < 10 * 60; second += 5) {
    await monitor.look();
    await clock.advance(5 * SECOND);
  }
  poller.dispose();
  const [requests, bytes] = [traffic.requests / 10, traffic.bytes / 10];
  t.diagnostic(`an idle session: ${requests} requests and ${Math.round(bytes)} bytes a minute`);
  assert.ok(requests <= 6.5, `${requests} requests a minute`);
  assert.ok(bytes <= 20_000, `${bytes} bytes a minute`);
});
