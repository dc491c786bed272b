import assert from 'node:assert/strict';
import test from 'node:test';
import * as z from 'zod/mini';
import { MachineEventWire } from '../../../src/comfydeploy/wire';
import { dateAndTime } from '../../../src/platform/durations';
import { buildText, machineDay, startErrors } from '../../../src/sidebar/machineText';
import { appState, machine, MINUTE, NOW } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';
import { recordedAnswer } from '../../fakes/samples';

const day = { ...appState(), nameOf: (id: string) => (id === 'user-mira' ? 'Mira Okafor' : undefined) };
const event = (minutesAgo: number, overrides: object = {}) => ({
  sessionId: undefined,
  gpu: 'A10G',
  createdAt: NOW - minutesAgo * MINUTE,
  startedAt: NOW - minutesAgo * MINUTE,
  endedAt: NOW - minutesAgo * MINUTE + 5 * MINUTE,
  userId: 'user-me',
  cost: 0,
  ...overrides,
});

test('the build of a machine is described in words', () => {
  const text = (status: string, minutes: number) =>
    buildText(
      machine('one', { status, hosting: { kind: 'unable', why: 'status', status }, updatedAt: NOW - minutes * MINUTE }),
      NOW,
    );
  assert.equal(text('ready', 5), 'ready');
  assert.equal(text('building', 5), 'building for 5 min');
  assert.equal(text('building', 90), 'building for 1 h 30 min, perhaps stuck');
  assert.equal(text('error', 5), 'failed 5 min ago');
  assert.equal(text('paused', 5), 'paused');
});

test('a container that started after its session was closed is shown as running, and no cost is absurd', () => {
  const leaked = { sessionId: sessionId('s'), startedAt: NOW - 20 * MINUTE, endedAt: NOW - 21 * MINUTE };
  const costs = [1e300, -1e300, -5].map((cost) => event(300, { cost }));
  const lines = machineDay({ name: 'sd-box' }, [event(21, leaked), ...costs], day).split('\n');
  assert.match(lines[3] ?? '', /Session {3}A10G {3}20 min so far {3}about \$0\.41/);
  for (const line of lines.slice(4, 7)) assert.match(line, /5 min .*about \$0\.11/);
});

test('the last 24 hours of a machine stand in columns, with what they cost', () => {
  const session = { sessionId: sessionId('s') };
  const text = machineDay(
    { name: 'sd-box' },
    [
      event(20, { ...session, endedAt: undefined }),
      event(100, { ...session, userId: 'user-mira', gpu: 'Z9000' }),
      event(200, { cost: 0.305 }),
      event(300, { startedAt: undefined }),
    ],
    day,
  );
  const at = (minutesAgo: number) => dateAndTime(NOW - minutesAgo * MINUTE);
  const cells = text.split('\n').map((line) => line.trim().split(/ {3,}/));
  assert.equal(cells[0]?.[0], 'sd-box, last 24 hours');
  assert.deepEqual(cells.slice(2, 7), [
    ['Requested', 'What', 'GPU', 'Length', 'Cost', 'By'],
    [at(20), 'Session', 'A10G', '20 min so far', 'about $0.41'],
    [at(100), 'Session', 'Z9000', '5 min', 'Mira Okafor'],
    [at(200), 'Run', 'A10G', '5 min', 'about $0.31'],
    [at(300), 'Run', 'A10G', 'never started', 'about $0.00'],
  ]);
  assert.match(text, /2 sessions and 2 runs, about \$0.71 in total\.\nCosts that ComfyDeploy/);
  const columns = text
    .split('\n')
    .slice(2, 7)
    .map((line) => line.search(/What|Session|Run/));
  assert.equal(new Set(columns).size, 1, 'all begin below their heading');
});

test('a machine on which nothing ran says so', () => {
  assert.equal(machineDay({ name: 'sd\nbox' }, [], day), 'sd box, last 24 hours\n\nNo sessions and no runs.\n');
});

test('the recorded events of the server can be shown', () => {
  const rows = recordedAnswer('events').body as readonly unknown[];
  const text = machineDay(
    { name: 'free box' },
    rows.map((row) => z.parse(MachineEventWire, row)),
    day,
  );
  assert.equal(rows.length, text.match(/Session /g)?.length);
});

test('failed starts are listed with their time, newest first', () => {
  const text = startErrors({ name: 'sd-box' }, [
    { at: NOW - MINUTE, text: 'older' },
    { at: NOW, text: 'Traceback:\n  newer' },
    { at: undefined, text: 'undated' },
  ]);
  assert.match(
    text,
    /^Failed starts of sd-box, newest first\n\n.+\n\nTraceback:\n {2}newer\n\n.+\n\nolder\n\nAt an unknown time\n\nundated\n$/,
  );
});
