import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError, type ApiErrorKind } from '../../../src/platform/errors';
import { statusOf } from '../../../src/sidebar/status';
import { gpuText, machineTooltip, sessionTooltip } from '../../../src/sidebar/tooltips';
import { viewMessageOf, viewStateOf } from '../../../src/sidebar/viewState';
import { timeOfDay } from '../../../src/platform/durations';
import { rowsOf } from '../../fakes/treeRows';
import type { Session } from '../../../src/comfydeploy/model';
import type { Snapshot } from '../../../src/sessions/snapshot';
import { appState, type KnownState, machine, MINUTE, NO_SESSIONS, NOW, ready, session } from '../../fakes/appState';

const stateOf = (snapshot: Snapshot, showUnavailable = true) => viewStateOf({ snapshot, showUnavailable });
const problem = (kind: ApiErrorKind, message = 'It broke.', retryAt: number | undefined = NOW + 40_000) => ({
  error: new ApiError(kind, message),
  failures: 1,
  retryAt,
});
const statusIn = (known: KnownState) => statusOf(known, known);
const statusWith = (sessions: readonly Session[], more = {}) =>
  statusIn(appState({ snapshot: ready({ sessions }), ...more }));

test('the status bar names a colleague, and is alarmed by their session only where that is wanted', () => {
  const theirs = [session('theirs', { by: 'user-ada', left: 2 })];
  const status = (watchOthers: boolean) => statusWith(theirs, { warnAt: [5], watchOthers, nameOf: () => 'Ada' });
  assert.deepEqual([status(false)?.isUrgent, status(true)?.isUrgent], [false, true]);
  assert.match(status(false)?.text ?? '', / · Ada$/);
  assert.match(status(false)?.ariaLabel ?? '', /^ComfyDeploy session of Ada, /);
  const mine = statusWith([session('mine', { left: 2 })], { warnAt: [5], nameOf: () => 'Ada' });
  assert.equal(mine?.isUrgent, true);
  assert.doesNotMatch(`${mine.text} ${mine.ariaLabel}`, /Ada/);
});

test('an empty view says what it lacks', () => {
  assert.equal(stateOf({ kind: 'loading' }), 'loading');
  assert.equal(stateOf({ kind: 'signedOut' }), 'signedOut');
  assert.equal(stateOf({ kind: 'signedOut', reason: 'rejected' }), 'rejected');
  assert.equal(stateOf({ kind: 'signedOut', reason: 'expired' }), 'expired');
  assert.equal(stateOf({ kind: 'failed', problem: problem('misconfigured') }), 'misconfigured');
  assert.equal(stateOf({ kind: 'failed', problem: problem('forbidden') }), 'forbidden');
  for (const kind of ['offline', 'busy', 'malformed', 'refused'] as const)
    assert.equal(stateOf({ kind: 'failed', problem: problem(kind) }), 'offline');
  assert.equal(stateOf(ready({ machines: [] })), 'noMachines');
});

test('a view with rows shows rows, and says so when all of them are hidden', () => {
  const machines = [machine('one', { hosting: NO_SESSIONS })];
  assert.equal(stateOf(ready()), 'rows');
  assert.equal(stateOf(ready({ machines })), 'rows');
  assert.equal(stateOf(ready({ machines }), false), 'allHidden');
  assert.equal(stateOf(ready({ machines, sessions: [session('s')] }), false), 'rows');
  assert.equal(stateOf(ready({ machines: [], sessions: [session('s')] })), 'rows');
  assert.equal(stateOf(ready({ problem: problem('offline') })), 'rows');
});

test('rows that are old say how old, why, and when it is tried again', () => {
  const message = (snapshot: Snapshot, localNow = NOW) => viewMessageOf({ snapshot, localNow });

  assert.equal(message(ready()), undefined);
  assert.equal(message({ kind: 'signedOut' }), undefined);
  assert.equal(
    message(ready({ asOf: NOW - 3 * MINUTE, problem: problem('offline', 'ComfyDeploy could not be reached.') })),
    'Updated 3 min ago. ComfyDeploy could not be reached. Retrying in 40 s.',
  );
  assert.equal(
    message(ready({ problem: problem('busy') }), NOW + MINUTE),
    'Updated 1 min ago. It broke. Retrying now.',
  );
  const clockWasSetBack = NOW - 24 * 60 * MINUTE;
  assert.equal(message(ready({ problem: problem('busy') }), clockWasSetBack), 'It broke. Retrying now.');
  assert.equal(
    message({ kind: 'failed', problem: problem('forbidden', 'Insufficient balance for requested operation') }),
    'Insufficient balance for requested operation. Retrying in 40 s.',
  );
});

test('what only the user can mend is not tried again', () => {
  const snapshot: Snapshot = { kind: 'failed', problem: { ...problem('misconfigured'), retryAt: undefined } };
  assert.equal(viewMessageOf({ snapshot, localNow: NOW }), 'It broke.');
});

test('rows that could not be read are counted', () => {
  const message = (skipped: readonly string[]) => viewMessageOf({ snapshot: ready({ skipped }), localNow: NOW });
  assert.match(message(['gpu: x']) ?? '', /^1 row .* It may be out of date or missing\. See the log for details\.$/);
  assert.match(message(['gpu: x', 'id: x']) ?? '', /^2 rows .* They may be out of date or missing/);
});

test('nothing runs, nothing stands in the status bar', () => {
  assert.equal(statusWith([]), undefined);
  assert.equal(statusIn(appState({ snapshot: { kind: 'loading' } })), undefined);
});

test("the status bar shows the user's session that ends next", () => {
  const status = statusWith([
    session('later', { left: 30, gpu: 'T4' }),
    session('theirs', { left: 2, by: 'user-ada' }),
    session('next', { left: 12 }),
    session('ending', { phase: 'ending' }),
  ]);

  assert.equal(status?.sessionId, 'next');
  assert.deepEqual([status.icon, status.text], ['vm-running', 'Machine one 12 min']);
  assert.equal(
    status.ariaLabel,
    'ComfyDeploy session, A10G on Machine one, 12 minutes left, click to choose among 4 sessions',
  );
  assert.equal(status.tooltip.title, 'Live sessions: 3 of yours, 1 of other members');
  assert.equal(statusWith([session('theirs', { by: 'user-ada' })])?.sessionId, 'theirs');
});

test('the status bar is short about every state', () => {
  const short = (phase: Session['phase']) => {
    const status = statusWith([session('s', { phase })]);
    return [status?.icon, status?.text];
  };
  assert.deepEqual(short('starting'), ['loading~spin', 'Machine one starting']);
  assert.deepEqual(short('ending'), ['vm-running', 'Machine one ending']);
  assert.deepEqual(short('undated'), ['vm-running', 'Machine one no deadline']);
  assert.equal(statusWith([session('s', { left: 0 })])?.text.endsWith('time is up'), true);
});

test('it becomes urgent with the first warning that the user wants', () => {
  const isUrgent = (left: number, warnAt: readonly number[]) =>
    statusWith([session('s', { left })], { warnAt })?.isUrgent;

  assert.equal(isUrgent(3, [1, 3]), true);
  assert.equal(isUrgent(3.01, [1, 3]), false);
  assert.equal(isUrgent(1, []), false);
  assert.equal(
    statusWith([session('s', { phase: 'starting', left: 1 })], { warnAt: [5] })?.isUrgent,
    false,
    'it has not begun',
  );
});

test('a short session is no alarm from its beginning: a quarter of it, at most, is near its end', () => {
  const isUrgent = (minutes: number, left: number) => {
    const started = NOW + (left - minutes) * MINUTE;
    const one = { ...session('s', { left }), createdAt: started, minutesAsked: minutes };
    return statusWith([one], { warnAt: [15, 5, 1] })?.isUrgent;
  };
  assert.deepEqual([isUrgent(15, 15), isUrgent(15, 3.8), isUrgent(15, 3.7)], [false, false, true]);
  assert.deepEqual([isUrgent(90, 15.1), isUrgent(90, 15)], [false, true]);
});

test('all sessions together have a price, as far as it is known', () => {
  const note = (sessions: readonly Session[], more = {}) => statusWith(sessions, more)?.tooltip.note;
  const [known, unknown] = [session('a'), session('b', { gpu: 'H100' })];

  assert.equal(note([known, session('c')]), 'Your sessions cost about $2.43 an hour. All costs are estimates.');
  assert.equal(
    note([known, unknown]),
    'Your sessions cost about $1.22 an hour. Some prices are unknown. All costs are estimates.',
  );
  assert.equal(
    note([known, session('theirs', { gpu: 'CPU', by: 'user-ada' })]),
    'Your sessions cost about $1.22 an hour. Those of other members cost about $0.16 an hour. All costs are estimates.',
    'what is whose is told apart',
  );
  assert.equal(
    note([session('a', { gpu: 'X9' }), session('e', { gpu: 'CPU', by: 'user-other' })]),
    'Those of other members cost about $0.16 an hour. Some prices are unknown. All costs are estimates.',
    'what is not known is no $0.00',
  );
  assert.equal(note([known], { prices: undefined }), 'Prices are not known yet.');
});

test('a tooltip names ten sessions and counts the others', () => {
  const many = Array.from({ length: 12 }, (_, index) => session(`s${index}`, { left: 12 - index }));
  const tooltip = statusWith(many)?.tooltip;

  assert.equal(tooltip?.title, '12 live sessions, the first 10 to end');
  assert.deepEqual(
    tooltip.lines.slice(10).map(([name]) => name),
    ['Today', 'This month', 'Account'],
  );
  assert.equal(tooltip.lines[0]?.[0], 'A10G on Machine one');
  assert.match(tooltip.lines[0][1], /^1 min left · since .+ · s11$/);
});

test('the tooltip of a session shows what is known of it', () => {
  const one = session('s', { by: 'user-ada' });
  const { title, lines, note, links } = sessionTooltip(one, ready(), appState({ nameOf: () => 'Ada' }));

  assert.equal(title, 'A10G on Machine one');
  assert.deepEqual(lines, [
    ['State', `30 min left, until ${timeOfDay(NOW + 30 * MINUTE)}`],
    ['GPU', 'A10G, 24 GB, $1.22 an hour'],
    ['Cost', 'about $0.21 so far, about $0.81 in total'],
    ['Started by', 'Ada'],
  ]);
  assert.deepEqual(
    links?.map(({ text, command }) => [text, command]),
    [
      ['Open', 'openSession'],
      ['Extend…', 'extendSession'],
      ['End…', 'cancelSession'],
    ],
  );
  const ending = sessionTooltip(session('s', { phase: 'ending' }), ready(), appState());
  assert.deepEqual(ending.links, [], 'nothing that would fail is offered');
  assert.match(note ?? '', /estimates/);
});

test('the tooltip of a session says nothing that is not known', () => {
  const one = session('s', { phase: 'undated', gpu: 'Z9000', on: 'gone' });
  const { title, lines, note } = sessionTooltip(one, ready(), appState());

  assert.equal(title, 'Z9000 on an unlisted machine');
  assert.deepEqual(
    lines.map(([name]) => name),
    ['State', 'GPU'],
  );
  assert.equal(note, undefined);
  assert.equal(gpuText('Z9000', appState()), 'Z9000, price unknown');
});

test('the tooltip of a machine says whether sessions can be started', () => {
  const line = (hosting: Parameters<typeof machine>[1]) => machineTooltip(machine('one', hosting), appState()).lines[0];

  assert.deepEqual(line({}), ['Sessions', 'can be started']);
  assert.deepEqual(line({ hosting: NO_SESSIONS }), [
    'Sessions',
    "can't be started: classic machine, sessions not supported",
  ]);
  const building = { hosting: { kind: 'unable', why: 'status', status: 'building' }, status: 'building' } as const;
  assert.deepEqual(line(building), ['Sessions', "can't be started yet: building"]);
  assert.deepEqual(
    machineTooltip(
      machine('one', { gpu: undefined, version: '0.4.0', versionId: 'v3', comfyUiVersion: 'a'.repeat(40) }),
      appState(),
    ).lines,
    [
      ['Sessions', 'can be started'],
      ['Build', 'ready'],
      ['ComfyUI', 'a'.repeat(12)],
      ['Changed', '1 min ago'],
    ],
  );
});

test('no view ever holds the address of a session', () => {
  const sessions = [
    session('a', { url: 'https://secret.tunnel.test/' }),
    session('b', { phase: 'undated', url: 'https://secret.tunnel.test/' }),
  ];
  const known = appState({ snapshot: ready({ sessions }) });
  const shown = [rowsOf(known, known), statusIn(known), sessions.map((one) => sessionTooltip(one, ready(), known))];

  assert.ok(JSON.stringify(shown).includes('30 min left'));
  assert.ok(!JSON.stringify(shown).includes('secret'));
});
