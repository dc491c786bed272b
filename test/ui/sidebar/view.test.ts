import assert from 'node:assert/strict';
import test from 'node:test';
import manifest from '../../../package.json';
import { ThemeColor, type MarkdownString } from '../../fakes/vscode';
import { ME, MINUTE, start, startWithSession, STUDIO, targetOf, type World } from '../start';

const viewState = ({ editor }: World) => editor.contexts.get('comfydeploy.view');
const can = ({ editor }: World) => String(editor.contexts.get('comfydeploy.can')).split(' ').toSorted();
const asked = ({ control }: World) => control.counts()['GET /api/sessions'] ?? 0;

test('the badge counts live sessions, and is set only when their number changes', async (t) => {
  const { world, id } = await startWithSession(t);
  await world.refresh();
  await world.advance(2 * MINUTE);
  assert.deepEqual(
    world.view.badges.filter((badge) => badge !== undefined),
    [{ value: 1, tooltip: '1 live session' }],
  );

  const { machineId } = world.control.session(id)!;
  await world.control.addSession({ machineId });
  await world.refresh();
  assert.deepEqual(world.view.badge, { value: 2, tooltip: '2 live sessions' });

  for (const session of world.control.sessions()) await world.control.endSession(session.id);
  await world.refresh();
  assert.equal(world.view.badge, undefined);
});

test('a failed refresh keeps the rows and says how old they are, why, and when it is tried again', async (t) => {
  const { world } = await startWithSession(t);
  world.control.setOffline(true);
  await world.refresh();
  await world.advance(2_000);
  assert.deepEqual(world.rows, ['sd-box: 20m · A10G']);
  assert.match(world.view.message ?? '', /^Updated .+\. ComfyDeploy could not be reached\. .+ Retrying in /);

  world.control.setOffline(false);
  await world.advance(MINUTE);
  assert.equal(world.view.message, '');
});

test('rows that cannot be read are counted, and shown as they were', async (t) => {
  const { world } = await startWithSession(t);
  world.control.fault({ path: '/api/machines/all', effect: { kind: 'omit', fields: ['name'] } });
  await world.refresh();
  assert.match(
    world.view.message ?? '',
    /^1 row of ComfyDeploy's answer could not be read\. It may be out of date or missing/,
  );
  assert.deepEqual(world.rows, ['sd-box: 20m · A10G']);
});

test('the view distinguishes an empty account from a hidden, a refused and an absent one', async (t) => {
  const world = await start(t);
  assert.equal(viewState(world), 'noMachines');

  world.control.addMachine({ ...ME, name: 'classic', type: 'classic' });
  await world.refresh();
  assert.equal(viewState(world), 'rows');
  await world.run('toggleUnavailableMachines');
  assert.equal(viewState(world), 'allHidden');
  await world.run('signOut');
  await world.settled();
  assert.equal(viewState(world), 'signedOut');
});

for (const [state, effect] of [
  ['forbidden', { kind: 'answer', status: 403, body: { detail: 'Your account is suspended' } }],
  ['offline', { kind: 'answer', status: 503, headers: { 'retry-after': '60' } }],
  ['rejected', { kind: 'answer', status: 401, body: { detail: 'Invalid or expired token' } }],
] as const) {
  test(`an answer of ${effect.status} to the first request leaves the view ${state}`, async (t) => {
    const world = await start(t, { furnish: (control) => control.fault({ path: '/api/*', effect }) });
    assert.equal(viewState(world), state);
    assert.deepEqual(world.rows, []);
  });
}

test('an expired key is distinguished from one that was refused', async (t) => {
  const world = await start(t, { scope: null });
  await world.keepKey(world.control.addKey({ ...ME, lifeMs: 2 * MINUTE }));
  await world.settled();
  assert.equal(viewState(world), 'noMachines');
  await world.advance(3 * MINUTE);
  await world.refresh();
  assert.equal(viewState(world), 'expired');
});

test('an unusable address is reported before anything is requested', async (t) => {
  const { world } = await startWithSession(t);
  const before = asked(world);
  world.editor.configure('comfydeploy.apiUrl', 'http://example.com/api');
  await world.settled();
  assert.equal(viewState(world), 'misconfigured');
  // The account before is still watched, with a row, so there is no room for the welcome text.
  assert.match(world.view.message ?? '', /^The address in comfydeploy\.apiUrl must use https/);
  assert.equal(asked(world), before);
});

test('an address that is allowed by a setting is asked at once', async (t) => {
  const world = await start(t);
  world.editor.configure('comfydeploy.apiUrl', 'http://comfy.invalid/api');
  await world.settled();
  assert.equal(viewState(world), 'misconfigured');
  world.editor.configure('comfydeploy.allowInsecureHttp', true);
  await world.settled();
  assert.notEqual(viewState(world), 'misconfigured');
  world.editor.configure('comfydeploy.allowInsecureHttp', false);
  await world.settled();
  assert.equal(viewState(world), 'misconfigured');
});

test('commands are offered only for what some row can do', async (t) => {
  const { world } = await startWithSession(t);
  assert.deepEqual(can(world), ['+create', '+end', '+endAll', '+extend', '+guard', '+open', '+session', '+url']);

  const ending = world.run('cancelSession', targetOf(world.control.sessions()[0]!.id));
  (await world.editor.message(/^End/)).press('End Session');
  await world.settled();
  assert.deepEqual(can(world), ['+create', '+session']);
  await world.advance(10_000);
  await world.finish(ending);
  assert.deepEqual(can(world), ['+create']);
});

test('context keys are set only when they change', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openSession', target);
  const before = world.editor.contextChanges.length;
  await world.refresh();
  await world.advance(3 * MINUTE);
  assert.equal(world.editor.contextChanges.length, before);
});

test('a view that nobody looks at is refreshed less often, and at once when somebody does again', async (t) => {
  const { world } = await startWithSession(t);
  const askedIn = async (ms: number) => {
    const before = asked(world);
    await world.advance(ms);
    return asked(world) - before;
  };
  assert.equal(await askedIn(MINUTE), 4);

  world.editor.setFocused(false);
  assert.equal(await askedIn(2 * MINUTE + 10_000), 2);
  world.editor.setFocused(true);
  assert.equal(await askedIn(0), 1);
  await world.advance(10_000);
  world.editor.setFocused(true);
  assert.equal(await askedIn(0), 0, 'activity in a window that has the focus is no change');

  world.view.setVisible(false);
  assert.equal(await askedIn(2 * MINUTE + 10_000), 2);
  world.view.setVisible(true);
  assert.equal(await askedIn(0), 1);
});

test('the view says whose sessions it shows', async (t) => {
  const world = await start(t, {
    scope: STUDIO,
    furnish: (control) => void control.addMachine({ ...STUDIO, name: 'a' }),
  });
  assert.equal(world.view.title, 'Demo Person · org org_demo · Sessions');
  await world.run('signOut');
  await world.settled();
  assert.equal(world.view.title, 'Sessions');
});

test('the status bar shows the session that ends next, and nothing when none runs', async (t) => {
  const { world, id } = await startWithSession(t);
  const { machineId } = world.control.session(id)!;
  await world.control.addSession({ machineId, gpu: 'H100', minutesLeft: 50 });
  await world.refresh();

  const { status } = world;
  assert.deepEqual([status.isVisible, status.text], [true, '$(vm-running) sd-box 20 min']);
  assert.equal(
    status.accessibilityInformation?.label,
    'ComfyDeploy session, A10G on sd-box, 20 minutes left, click to choose among 2 sessions',
  );
  const command = status.command as { readonly command: string; readonly arguments: unknown };
  assert.deepEqual([command.command, command.arguments], ['comfydeploy.sessionActions', [{ kind: 'all' }]]);
  assert.match((status.tooltip as MarkdownString).value, /2 live sessions.*Your sessions cost about \$9\.63 an hour/s);

  for (const session of world.control.sessions()) await world.control.endSession(session.id);
  await world.refresh();
  assert.equal(status.isVisible, false);
});

test('the status bar takes its colour at the first warning', async (t) => {
  const { world } = await startWithSession(t, { minutesOld: 60 });
  assert.equal(world.status.backgroundColor, undefined);
  await world.advance(6 * MINUTE);
  assert.equal(world.status.text, '$(watch) sd-box 14 min');
  assert.deepEqual(world.status.backgroundColor, new ThemeColor('statusBarItem.warningBackground'));
});

test('dark high contrast, which has no background for warnings, is given one', () => {
  const { 'workbench.colorCustomizations': colours } = manifest.contributes.configurationDefaults;
  assert.match(colours['[Default High Contrast]']['statusBarItem.warningBackground'], /^#[\dA-F]{6}$/);
});

test('a session of a quarter of an hour is no warning from its first minute', async (t) => {
  const { world } = await startWithSession(t, { minutesOld: 0, minutesLeft: 15, timeoutMinutes: 15 });
  assert.equal(world.status.backgroundColor, undefined);
  await world.advance(11 * MINUTE);
  assert.equal(world.status.backgroundColor, undefined);
  await world.advance(MINUTE);
  assert.deepEqual(world.status.backgroundColor, new ThemeColor('statusBarItem.warningBackground'));
});

test('a machine of any name stays text in the status bar', async (t) => {
  const { world } = await startWithSession(t);
  world.control.alterMachine(world.control.machines()[0]!.id, { name: '[x](command:y)' });
  await world.refresh();
  const { parts } = world.status.tooltip as MarkdownString;
  assert.deepEqual(
    parts.filter(({ value }) => value.includes('command:')).map(({ kind }) => kind),
    ['text'],
  );
});
