import assert from 'node:assert/strict';
import test from 'node:test';
import { DEFAULT_API_URL, isOfficial } from '../../../src/platform/baseUrl';
import { declaredSettings } from '../../fakes/declaredSettings';
import type { FakeInputBox } from '../../fakes/vscode/quickInput';
import { SimulatorClock } from '../../simulator/clock';
import { startSimulator } from '../../simulator/simulator';
import { ME, MINUTE, start, startWithSession, type World } from '../start';

const WAY = /How do you want to sign in/;
const viewState = ({ editor }: World) => editor.contexts.get('comfydeploy.view');
const kept = ({ secrets }: World) => Object.values(secrets.inUse);

/** Signs in up to the page in the browser; the id is that of the request. */
async function openPage(world: World): Promise<{ readonly signedIn: Promise<unknown>; readonly requestId: string }> {
  const signedIn = world.run('signIn');
  (await world.editor.pick(WAY)).choose('Sign In with Browser');
  const page = await world.until('the page', () => world.editor.opened.at(-1));
  const requestId = /\/auth\/request\/([0-9a-f-]{36})$/.exec(page)?.[1] ?? '';
  return { signedIn, requestId };
}

async function openBox(world: World): Promise<{ readonly signedIn: Promise<unknown>; readonly box: FakeInputBox }> {
  const signedIn = world.run('signIn');
  (await world.editor.pick(WAY)).choose('Paste an API Key');
  return { signedIn, box: await world.editor.inputBox() };
}

/** The box's validation message for what was entered. */
const objection = (world: World, box: FakeInputBox): Promise<string> =>
  world.until('an answer', () => !box.busy && typeof box.validationMessage === 'string' && box.validationMessage);

test('accepting in the browser signs in', async (t) => {
  const world = await start(t, { scope: null });
  assert.equal(viewState(world), 'signedOut');
  const { signedIn, requestId } = await openPage(world);
  await world.advance(3_000);
  world.control.acceptSignIn(requestId, ME);
  await world.advance(3_000);
  await world.finish(signedIn);
  await world.settled();

  assert.equal(viewState(world), 'noMachines');
  assert.deepEqual(kept(world), [world.control.keys().at(-1)?.token]);
  assert.deepEqual([world.editor.messages, world.editor.progresses.every(({ isOver }) => isOver)], [[], true]);
});

test('a lost connection does not end the wait for the browser', async (t) => {
  const world = await start(t, { scope: null });
  const { signedIn, requestId } = await openPage(world);
  const progress = await world.editor.progress(/Waiting for you/);
  world.control.setOffline(true);
  await world.advance(20_000);
  assert.match(progress.steps.at(-1) ?? '', /^ComfyDeploy could not be reached\. .*Retrying\.$/);
  world.control.setOffline(false);
  await world.advance(3_000);
  assert.match(progress.steps.at(-1) ?? '', /^127\.0\.0\.1:\d+ answers again\.$/);
  world.control.acceptSignIn(requestId, ME);
  await world.advance(10_000);
  await world.finish(signedIn);
  await world.settled();
  assert.equal(viewState(world), 'noMachines');
});

test('the wait for the browser can be cancelled, and leaves nothing behind', async (t) => {
  const world = await start(t, { scope: null });
  const { signedIn, requestId } = await openPage(world);
  (await world.editor.progress(/Waiting for you/)).cancel();
  await signedIn;
  world.control.acceptSignIn(requestId, ME);
  await world.advance(MINUTE);
  assert.deepEqual([kept(world), world.editor.messages], [[], []]);
});

test('the wait for the browser ends after ten minutes', async (t) => {
  const world = await start(t, { scope: null });
  const { signedIn } = await openPage(world);
  await world.advance(10 * MINUTE + 5_000);
  await world.finish(signedIn);
  assert.match(world.editor.messages[0]?.text ?? '', /Nobody accepted the sign-in in the browser within 10 minutes/);
});

test('an unreachable server is not reported as a sign-in that nobody accepted', async (t) => {
  const world = await start(t, { scope: null });
  const { signedIn } = await openPage(world);
  const failure = new TypeError('fetch failed', {
    cause: Object.assign(new Error(), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
  });
  world.instead = () => Promise.reject(failure);
  const progress = await world.editor.progress(/Waiting for you/);
  await world.advance(10_000);
  assert.match(
    progress.steps.at(-1) ?? '',
    /certificate is not trusted here.+\(DEPTH_ZERO_SELF_SIGNED_CERT\)\. Retrying\.$/,
  );
  await world.advance(10 * MINUTE);
  await world.finish(signedIn);
  assert.match(
    world.editor.messages[0]?.text ?? '',
    /^Whether the sign-in was accepted is not known\. .+DEPTH_ZERO_SELF_SIGNED_CERT/,
  );
});

test('a sign-in that was accepted while nobody could ask is over', async (t) => {
  const world = await start(t, { scope: null });
  const { signedIn, requestId } = await openPage(world);
  world.control.setOffline(true);
  world.control.acceptSignIn(requestId, ME);
  await world.advance(MINUTE);
  world.control.setOffline(false);
  await world.advance(10_000);
  await world.finish(signedIn);
  assert.match(world.editor.messages[0]?.text ?? '', /accepted, but too long ago/);
  assert.deepEqual(kept(world), []);
});

test('where no browser opens there is nothing to wait for', async (t) => {
  const world = await start(t, { scope: null });
  world.editor.opensExternals = false;
  const signedIn = world.run('signIn');
  (await world.editor.pick(WAY)).choose('Sign In with Browser');
  await signedIn;
  assert.deepEqual(
    world.editor.progresses.filter(({ title }) => title !== ''),
    [],
  );
});

test('a pasted key is checked before it is kept', async (t) => {
  const world = await start(t, { scope: null });
  const { signedIn, box } = await openBox(world);
  assert.deepEqual([box.password, box.ignoreFocusOut], [true, true]);
  box.enter(`  ${world.keys.mine}\n`);
  await signedIn;
  await world.settled();
  assert.deepEqual([box.isDisposed, viewState(world), kept(world)], [true, 'noMachines', [world.keys.mine]]);
});

test('a wrong key is refused in the box, and the key in use stays', async (t) => {
  const { world } = await startWithSession(t);
  const { signedIn, box } = await openBox(world);
  box.enter('');
  assert.match(await objection(world, box), /Paste the key first/);
  box.enter('two words');
  assert.match(await objection(world, box), /no spaces or quotation marks/);
  box.enter('nonsense');
  assert.match(await objection(world, box), /rejected this key/);
  assert.deepEqual([box.isVisible, kept(world)], [true, [world.keys.mine]]);
  box.type('nonsens');
  assert.equal(box.validationMessage, undefined, 'another try is not judged by the one before');
  box.hide();
  await signedIn;
  assert.deepEqual(world.rows, ['sd-box: 20m · A10G']);
});

test('a dead network keeps the box, what was typed, and the key in use', async (t) => {
  const { world } = await startWithSession(t);
  const { signedIn, box } = await openBox(world);
  world.control.setOffline(true);
  box.enter(world.keys.studio);
  await world.advance(10_000);
  assert.match(await objection(world, box), /could not be checked\. .+ Press Enter to try again/);
  assert.deepEqual([box.isVisible, box.value, kept(world)], [true, world.keys.studio, [world.keys.mine]]);

  world.control.setOffline(false);
  box.accept();
  await signedIn;
  assert.equal(world.secrets.kept.get(`comfydeploy.key ${world.apiUrl}`), world.keys.studio);
});

test('a key that cannot be checked says what the network says, and what may help', async (t) => {
  const world = await start(t, { scope: null });
  const { signedIn, box } = await openBox(world);
  const cases: readonly (readonly [code: string, hint: RegExp])[] = [
    ['SELF_SIGNED_CERT_IN_CHAIN', /certificate is not trusted/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /doesn't use https/],
    ['ENOTFOUND', /Check your connection/],
    ['ECONNREFUSED', /Check your connection/],
    ['UND_ERR_SOCKET', /closed on the way/],
  ];
  const checked = async () => {
    box.enter('some-key');
    await world.advance(10_000);
    return objection(world, box);
  };
  for (const [code, hint] of cases) {
    world.instead = () =>
      Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) }));
    const hintShown = await checked();
    assert.match(hintShown, hint);
    assert.ok(hintShown.includes(`(${code})`) && hintShown.endsWith('Press Enter to try again.'), hintShown);
  }
  world.instead = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('unexpected redirect') }));
  assert.match(await checked(), /redirects to another address, as networks/);
  world.instead = () => Promise.resolve(new Response('no', { status: 407 }));
  assert.match(await checked(), /proxy requires a sign-in/);
  world.instead = () => Promise.resolve(new Response('\n<!DOCTYPE html><title>Hotel</title>'));
  assert.match(await checked(), /^The key could not be checked\. ComfyDeploy answered with a web page\. /);
  box.hide();
  await signedIn;
});

test('the way to a key leads to the dashboard, and then to the box', async (t) => {
  const world = await start(t, { scope: null });
  const signedIn = world.run('signIn');
  (await world.editor.pick(WAY)).choose('Get an API Key');
  const box = await world.editor.inputBox();
  assert.match(world.editor.opened[0] ?? '', /\/api-keys$/);
  box.hide();
  await signedIn;
  assert.deepEqual(kept(world), []);
});

test('a keyring that stores nothing is reported, and the key works until the restart', async (t) => {
  const world = await start(t, { scope: null });
  world.secrets.isForgetful = true;
  const { signedIn, box } = await openBox(world);
  box.enter(world.keys.mine);
  await signedIn;
  await world.settled();
  const warning = await world.editor.message(/could not store the key/);
  assert.equal(warning.kind, 'warning');
  assert.deepEqual([viewState(world), kept(world)], ['noMachines', []]);

  await world.run('signOut');
  await world.settled();
  assert.equal(viewState(world), 'signedOut');
});

test('a key that the server hands out and does not take is not kept', async (t) => {
  const world = await start(t, { scope: null });
  world.control.fault({
    path: '/api/platform/comfyui/auth-response',
    effect: { kind: 'answer', status: 200, body: { api_key: 'nonsense', name: null } },
  });
  const { signedIn } = await openPage(world);
  await signedIn;
  assert.deepEqual([kept(world), viewState(world), world.editor.messages.length], [[], 'signedOut', 1]);
});

test('the picker and the box name the server that the key is for', async (t) => {
  const world = await start(t, { scope: null });
  const { host } = new URL(world.apiUrl);
  const signedIn = world.run('signIn');
  const picker = await world.editor.pick(WAY);
  assert.ok(picker.placeholder?.includes(host));
  picker.choose('Paste an API Key');
  const box = await world.editor.inputBox();
  assert.ok(box.prompt?.includes(host));
  box.hide();
  await signedIn;
});

for (const [official, address, other] of [
  ['comfydeploy.dashboardUrl', 'https://app.comfydeploy.com', 'comfydeploy.dashboardUrl'],
  ['comfydeploy.apiUrl', DEFAULT_API_URL, 'comfydeploy.apiUrl'],
] as const) {
  for (const way of ['Sign In with Browser', 'Get an API Key']) {
    test(`with only ${official} left as it was, "${way}" would hand a key to another server, and is refused`, async (t) => {
      const world = await start(t, { scope: null });
      world.editor.configure(official, address);
      await world.settled();
      const asked = world.control.requests().length;
      const signedIn = world.run('signIn');
      (await world.editor.pick(WAY)).choose(way);
      await signedIn;
      const refusal = await world.editor.message(/A key from \S+ would be sent to \S+, which is another server/);
      assert.ok(refusal.text.includes(other));
      assert.deepEqual([world.editor.opened, kept(world), world.control.requests().length], [[], [], asked]);
    });
  }
}

test('a sign-in keeps the address it began with, whatever the setting says meanwhile', async (t) => {
  const world = await start(t, { scope: null });
  const other = await startSimulator({ clock: new SimulatorClock({ frozenAt: world.control.now() }), comfyUi: false });
  t.after(other.close);
  const { signedIn, requestId } = await openPage(world);
  world.editor.configure('comfydeploy.apiUrl', other.apiUrl);
  await world.settled();
  world.control.acceptSignIn(requestId, ME);
  await world.advance(3_000);
  await world.finish(signedIn);
  assert.deepEqual(other.control.requests(), [], 'the other server hears of neither the request nor the key');
  assert.deepEqual(Object.keys(world.secrets.inUse), [world.apiUrl]);
  await world.editor.message(/now names another server/);
});

test('a sign-in keeps the dashboard it began with, too: no official page is opened for another server', async (t) => {
  const world = await start(t, { scope: null });
  const dashboard = new URL(world.apiUrl).origin;
  const signedIn = world.run('signIn');
  const ways = await world.editor.pick(WAY);
  world.editor.configure('comfydeploy.apiUrl', DEFAULT_API_URL);
  world.editor.configure('comfydeploy.dashboardUrl', 'https://app.comfydeploy.com');
  await world.settled();
  ways.choose('Sign In with Browser');
  const page = await world.until('the page', () => world.editor.opened.at(-1));
  assert.ok(page.startsWith(`${dashboard}/auth/request/`), 'the page of the server that the picker named');
  (await world.editor.progress(/Waiting for you/)).cancel();
  await signedIn;
});

test('an official dashboard is known in every spelling, and hands no key to another server', async (t) => {
  const world = await start(t, { scope: null });
  for (const official of [
    'app.comfydeploy.com',
    'app.comfydeploy.com.',
    'www.comfydeploy.com',
    'APP.ComfyDeploy.com/en',
  ]) {
    world.editor.configure('comfydeploy.dashboardUrl', `https://${official}`);
    const signedIn = world.run('signIn');
    (await world.editor.pick(WAY)).choose('Sign In with Browser');
    await signedIn;
    await world.editor.message(/would be sent to .*, which is another server/);
    world.editor.messages.splice(0);
  }
  assert.deepEqual(world.editor.opened, []);
});

test('a key that was pasted goes to the server that the box named, whatever the setting says meanwhile', async (t) => {
  const world = await start(t, { scope: null });
  const other = await startSimulator({ clock: new SimulatorClock({ frozenAt: world.control.now() }), comfyUi: false });
  t.after(other.close);
  const { signedIn, box } = await openBox(world);
  world.editor.configure('comfydeploy.apiUrl', other.apiUrl);
  await world.settled();
  box.enter(world.keys.mine);
  await signedIn;
  assert.deepEqual(other.control.requests(), []);
  assert.deepEqual(Object.keys(world.secrets.inUse), [world.apiUrl]);
});

test("the addresses that count as ComfyDeploy's own are the defaults of the settings", () => {
  assert.equal(declaredSettings['comfydeploy.apiUrl']?.default, DEFAULT_API_URL);
  for (const name of ['comfydeploy.apiUrl', 'comfydeploy.dashboardUrl'])
    assert.ok(isOfficial(String(declaredSettings[name]?.default)));
});

test('a key store that cannot be written is reported, and the key works until the restart', async (t) => {
  const world = await start(t, { scope: null });
  world.secrets.isLocked = true;
  await world.reopen();
  assert.equal(viewState(world), 'keyStore');
  const { signedIn, box } = await openBox(world);
  box.enter(world.keys.mine);
  await signedIn;
  await world.settled();
  assert.equal((await world.editor.message(/could not store the key/)).kind, 'warning');
  assert.deepEqual([viewState(world), kept(world)], ['noMachines', []]);
});
