import assert from 'node:assert/strict';
import test from 'node:test';
import { readLog, type LogLine } from '../../../src/comfydeploy/logs';
import { Emitter } from '../../../src/platform/emitter';
import { readReason, reasonIn, saysWhy, namesFailure } from '../../../src/sessions/startReason';
import recorded from '../../fixtures/failed-starts.json';
import { ManualClock, settled } from '../../fakes/manualClock';

const info = (message: string): LogLine => ({ message, level: 'info', at: 0 });
const log = (...messages: readonly string[]) => messages.map(info);
const BEGUN = ['Creating session...', 'Warming up ComfyUI...'];
const FAILED = 'Failed to start session.';

async function linesOf(body: string): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  const { body: stream } = new Response(body);
  assert.ok(stream);
  for await (const some of readLog(stream)) lines.push(...some);
  return lines;
}

test('what ComfyUI logs once it is up is no reason: somebody ended the session', () => {
  const up = ['Starting server', 'To see the GUI go to: http://0.0.0.0:8188'];
  assert.equal(reasonIn(log(...BEGUN, ...up)), undefined);
  assert.equal(reasonIn(log(...BEGUN, 'T4 is not available')), 'T4 is not available');
  assert.equal(reasonIn(log(...BEGUN, ...up, 'Killed')), 'Killed');
});

test('every recorded failed start has a reason, and none has it in its last line', async () => {
  const reasons = await Promise.all(recorded.samples.map(async ({ body }) => reasonIn(await linesOf(body))));
  assert.deepEqual(reasons, [
    'Error in launch_comfyui: RuntimeError: CUDA out of memory. ComfyDeploy recommends rebuilding the machine.',
    'App not deployed',
  ]);
});

test('what is said of every start is no reason', () => {
  assert.equal(reasonIn([]), undefined);
  assert.equal(reasonIn(log(...BEGUN)), undefined);
  assert.equal(reasonIn(log('Starting session')), undefined);
  assert.equal(reasonIn(log(...BEGUN, 'Failed to start session.')), undefined, 'that it failed is no reason');
});

test('without a crash of its own, the complaint nearest to the end counts', () => {
  const words = 'ModuleNotFoundError: No module named torch';
  const tail = ['Modal function failed with status: FAILURE', FAILED];
  assert.equal(reasonIn(log(...BEGUN, words, 'Starting server', ...tail)), words);
});

test('a container that says nothing leaves what became of it', () => {
  const status = 'Modal function failed with status: TERMINATED';
  const advice = 'Recommending rebuilding the machine to fix this issue.';
  assert.equal(
    reasonIn(log(...BEGUN, 'pytorch version: 2.5.1', status, advice, FAILED)),
    `${status}. ComfyDeploy recommends rebuilding the machine.`,
  );
});

test('a start that took too long says so', () => {
  const words = 'Reached timeout period 10 minutes, deleting session, contact support if needed.';
  assert.equal(reasonIn(log(...BEGUN, 'Import error in some node', words, FAILED)), words);
});

test('only a log that says so proves a failure, and not that of a start that somebody ended', async () => {
  assert.equal(namesFailure(await linesOf(recorded.samples[0]?.body ?? '')), true);
  assert.equal(namesFailure(log(...BEGUN, 'Import error in some node', 'Starting server')), false);
});

test("a container's error is shown without its traceback", () => {
  assert.equal(
    saysWhy('Error in launch: boom\n\nTraceback:\nTraceback (most recent call last):\n  x\nboom\n'),
    'Error in launch: boom',
  );
  assert.equal(
    saysWhy('Traceback (most recent call last):\n  File "x"\nKeyError: 1'),
    'Traceback (most recent call last): File "x" KeyError: 1',
  );
  assert.equal(saysWhy(' \n'), undefined);
});

test('of a traceback the head and the error are shown, within bounds', () => {
  const frames = Array.from({ length: 50 }, (_, n) => `  File "node_${n}.py", line ${n}`).join('\n');
  const text = `Session crashed in startup\n\nError in launch_comfyui\n${frames}\nKeyError: 'x'`;
  assert.equal(reasonIn(log(text)), `Error in launch_comfyui File "node_0.py", line 0 KeyError: 'x'`);
  const reason = reasonIn(log('x'.repeat(100_000))) ?? '';
  assert.equal(reason.length, 400);
});

/** A log that the test writes while it is being read. */
function setupLog() {
  const clock = new ManualClock();
  const changed = new Emitter<void>();
  const lines: LogLine[] = [];
  const live = { lines, closed: undefined as 'unknown' | undefined, onDidChange: changed.event };
  const answers: (string | undefined)[] = [];
  void readReason(live, clock).then((reason) => answers.push(reason));
  const say = async (...messages: readonly string[]) => {
    lines.push(...log(...messages));
    changed.fire();
    await settled();
  };
  const close = async () => {
    live.closed = 'unknown';
    changed.fire();
    await settled();
  };
  return { clock, say, close, answers };
}

test('nothing is said of a log before it was read', async () => {
  const { clock, say, close, answers } = setupLog();
  await clock.advance(5_000);
  assert.deepEqual(answers, []);
  await say(...BEGUN, 'App not deployed');
  assert.deepEqual(answers, [], 'more may come');
  await close();
  assert.deepEqual(answers, ['App not deployed']);
});

test('a log that contains the failure is not waited for, and a silent one not for long', async () => {
  const first = setupLog();
  await first.say('Session crashed in startup\n\nboom', FAILED);
  assert.deepEqual(first.answers, ['boom']);

  const second = setupLog();
  await second.clock.advance(15_000);
  assert.deepEqual(second.answers, [undefined]);
});
