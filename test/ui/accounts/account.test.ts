import assert from 'node:assert/strict';
import test from 'node:test';
import { SimulatorClock } from '../../simulator/clock';
import { startSimulator } from '../../simulator/simulator';
import { ME, MINUTE, start, startWithSession, type World } from '../start';

const viewState = ({ editor }: World) => editor.contexts.get('comfydeploy.view');
const asked = ({ control }: World) => control.requests().length;

/** Signs out with a session running, which the extension asks about. */
async function signOut(world: World): Promise<void> {
  const signedOut = world.run('signOut');
  (await world.editor.message(/^Sign out with/)).press('Sign Out');
  await signedOut;
  await world.settled();
}

test('signing out forgets the key and all that was known, and asks no more', async (t) => {
  const { world, id } = await startWithSession(t);
  await signOut(world);
  assert.deepEqual([viewState(world), world.rows, world.secrets.kept.size], ['signedOut', [], 0]);
  assert.deepEqual([world.status.isVisible, world.view.badge], [false, undefined]);

  const before = asked(world);
  await world.advance(10 * MINUTE);
  world.editor.setFocused(false);
  world.editor.setFocused(true);
  await world.refresh();
  assert.equal(asked(world), before);
  assert.equal(world.control.session(id)?.endedAt, null, 'signing out ends no session');
});

test('another window signs this one in and out', async (t) => {
  const world = await start(t, { scope: null, furnish: (control) => void control.addMachine({ ...ME, name: 'a' }) });
  await world.keepKey(world.keys.mine);
  await world.settled();
  assert.deepEqual([viewState(world), world.rows], ['rows', ['a: A10G']]);

  for (const slot of world.secrets.kept.keys()) await world.secrets.delete(slot);
  await world.settled();
  assert.deepEqual([viewState(world), world.rows], ['signedOut', []]);
});

test('a secret of somebody else is none of our business', async (t) => {
  const { world } = await startWithSession(t);
  const before = asked(world);
  await world.secrets.store('another.extension', 'x');
  await world.settled();
  assert.equal(asked(world), before);
});

test('a key that is revoked meanwhile signs out once, silently, and is not thrown away', async (t) => {
  const { world } = await startWithSession(t);
  world.control.revokeKey(world.keys.mine);
  await world.advance(MINUTE);
  assert.deepEqual([viewState(world), world.rows], ['rejected', []]);
  const before = asked(world);
  await world.advance(10 * MINUTE);
  assert.equal(asked(world), before);
  assert.deepEqual([world.editor.messages, Object.values(world.secrets.inUse)], [[], [world.keys.mine]]);
});

test('a command that meets a revoked key offers to sign in', async (t) => {
  const { world, target } = await startWithSession(t);
  world.control.revokeKey(world.keys.mine);
  const extended = world.run('extendSession', target);
  (await world.editor.pick(/By how much/)).enter();
  await extended;
  assert.deepEqual(
    world.editor.messages.map(({ buttons }) => buttons),
    [['Sign In']],
  );
  assert.equal(viewState(world), 'rejected');
});

test('a key from the environment serves where none is stored, is shown, and is never stored', async (t) => {
  const simulator = await startSimulator({ clock: new SimulatorClock({ frozenAt: 0 }), comfyUi: false });
  const environmentKey = simulator.control.keys()[0]?.token ?? '';
  await simulator.close();
  const world = await start(t, { scope: null, environmentKey });
  assert.equal(viewState(world), 'rejected', 'it is used: this server refuses it');
  assert.equal(world.secrets.kept.size, 0);
  await world.run('signOut');
  const message = await world.editor.message(/COMFYDEPLOY_API_KEY/);
  assert.equal(message.kind, 'information');

  await world.keepKey(world.keys.mine);
  await world.settled();
  assert.equal(viewState(world), 'noMachines', 'a stored one goes first');
});

test('each server has a key of its own', async (t) => {
  const { world } = await startWithSession(t);
  const other = await startSimulator({ clock: new SimulatorClock({ frozenAt: world.control.now() }), comfyUi: false });
  t.after(other.close);
  world.editor.configure('comfydeploy.apiUrl', other.apiUrl);
  await world.settled();
  const { host } = new URL(world.apiUrl);
  const rows = [`Demo Person · ${host}: 1 session · $1.22 an hour`, 'sd-box: 20m · A10G'];
  assert.deepEqual([viewState(world), world.rows, other.control.requests()], ['signedOut', rows, []]);
  assert.match(world.view.message ?? '', /^There is no valid key for the account in use\. Sign in/);

  await world.keepKey(other.control.keys()[0]?.token ?? '', other.apiUrl);
  await world.settled();
  assert.deepEqual([viewState(world), world.rows], ['noMachines', rows], 'the session there is still watched');
  assert.equal(world.view.message, '');
  world.editor.configure('comfydeploy.apiUrl', world.apiUrl);
  await world.settled();
  assert.deepEqual(world.rows, ['sd-box: 20m · A10G', `Demo Person · ${new URL(other.apiUrl).host}: no sessions`]);
});

for (const apiUrl of ['https://other.test/api', 'no address'])
  test(`a server that was changed to "${apiUrl}" while no window was open keeps its session on screen`, async (t) => {
    const { world } = await startWithSession(t);
    world.dispose();
    world.editor.configure('comfydeploy.apiUrl', apiUrl);
    await world.reopen();
    await world.settled();
    assert.equal(world.rows.at(-1), 'sd-box: 20m · A10G');
  });

test('what is disposed asks nothing and wants to be woken for nothing', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openSession', target);
  world.dispose();
  const before = asked(world);
  await world.advance(10 * MINUTE);
  assert.equal(asked(world), before);
  assert.equal(world.isIdle, true);
  assert.equal(world.editor.commands.size, 0);
  assert.deepEqual(
    world.editor.panels.map(({ isDisposed }) => isDisposed),
    [true],
  );
});

test('signing out with sessions running asks first, and says what they cost an hour', async (t) => {
  const { world, id } = await startWithSession(t);
  const signedOut = world.run('signOut');
  const question = await world.editor.message(/^Sign out with a session running\?$/);
  assert.match(
    question.options.detail ?? '',
    /^sd-box \(A10G\), 20 min left\n\nIt costs \$\d\.\d\d an hour\. It keeps running/,
  );
  assert.deepEqual(question.buttons, ['Sign Out', 'End Sessions…']);
  question.dismiss();
  await signedOut;
  assert.deepEqual(Object.keys(world.secrets.inUse), [world.apiUrl], 'walking away changes nothing');
  assert.equal(world.control.session(id)?.endedAt, null);
});

test('for several sessions that are left behind, their sum is shown', async (t) => {
  const { world, id } = await startWithSession(t);
  const { machineId } = world.control.session(id)!;
  await world.control.addSession({ machineId, gpu: 'H100', minutesLeft: 30 });
  await world.refresh();
  const signedOut = world.run('signOut');
  const question = await world.editor.message(/^Sign out with 2 sessions running\?$/);
  // The recorded price list: $1.21 and $8.42 an hour.
  assert.match(question.options.detail ?? '', /\n\nTogether they cost \$9\.63 an hour\. They keep running/);
  question.dismiss();
  await signedOut;
});

test('a GPU that is billed although its session was closed is counted, and cannot be ended', async (t) => {
  const world = await start(t, {
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
      control.set({ callMs: 30_000, startUpMs: 60_000 });
      await control.addSession({ machineId, state: 'starting', minutesOld: 0 });
    },
  });
  const { id } = world.control.sessions()[0]!;
  const ended = world.run('cancelSession', { id });
  (await world.editor.message(/^End/)).press('End Session');
  await world.settled();
  const early = world.run('signOut');
  (await world.editor.message(/^Sign out with a session running/)).dismiss();
  await early;
  await world.advance(15_000);
  await world.finish(ended);
  await world.run('signOut');
});

test('another key of the same account leaves nothing behind, and nobody asks', async (t) => {
  const { world } = await startWithSession(t);
  await world.keepKey(world.control.addKey(ME));
  await world.settled();
  const signedIn = world.run('signIn');
  (await world.editor.pick(/How do you want to sign in/)).choose('Paste an API Key');
  const next = world.control.addKey(ME);
  (await world.editor.inputBox()).enter(next);
  await signedIn;
  assert.deepEqual([world.editor.messages, Object.values(world.secrets.inUse)], [[], [next]]);
});

test('a key from the environment is never sent to a server that it was not made for', async (t) => {
  const environmentKey = 'a.key.of-comfydeploy';
  for (const environmentUrl of [undefined, 'https://elsewhere.test/api', 'no address', '']) {
    let requests = 0;
    const counted = () => {
      requests++;
      return undefined;
    };
    const window = (opened: World) => (opened.instead = counted);
    const world = await start(t, { scope: null, environmentKey, environmentUrl, window });
    await world.refresh();
    assert.equal(requests, 0, environmentUrl);
    assert.match(String(viewState(world)), /^(signedOut|misconfigured)$/);
  }
});

test('a key from the environment is an account of its server beside others, until one is stored for that', async (t) => {
  const other = await startSimulator({ clock: new SimulatorClock({ frozenAt: 0 }), comfyUi: false });
  t.after(other.close);
  const environmentKey = other.control.keys()[0]?.token ?? '';
  const world = await start(t, { environmentKey, environmentUrl: other.apiUrl });
  await world.settled();
  assert.match(world.rows.join(), new RegExp(`· ${new URL(other.apiUrl).host}: `));
  assert.notDeepEqual([asked(world), other.control.requests()], [0, []]);
  assert.equal(world.control.requests().filter(({ status }) => status === 401).length, 0);

  const stored = other.control.addKey(ME);
  await world.keepKey(stored, other.apiUrl);
  await world.settled();
  assert.equal(world.rows.length, 1, 'one account there');
});

test('COMFYDEPLOY_API_URL names the server of the key, however its address is written', async (t) => {
  const url = (apiUrl: string) => ` ${apiUrl}/ `;
  const world = await start(t, { scope: null });
  process.env['COMFYDEPLOY_API_KEY'] = world.keys.mine;
  process.env['COMFYDEPLOY_API_URL'] = url(world.apiUrl);
  await world.reopen();
  assert.equal(viewState(world), 'noMachines');
});

test('a key store that cannot be read is a state of its own, with a way on, and is read again by itself', async (t) => {
  const world = await start(t, { window: ({ secrets }) => (secrets.isLocked = false) });
  world.secrets.isLocked = true;
  await world.reopen();
  assert.equal(viewState(world), 'keyStore');
  assert.deepEqual([world.editor.messages, world.rows], [[], []]);
  world.secrets.isLocked = false;
  await world.advance(MINUTE);
  assert.equal(viewState(world), 'noMachines');
});

test('with a key in the environment a key store that cannot be read is no obstacle', async (t) => {
  const world = await start(t);
  world.secrets.isLocked = true;
  process.env['COMFYDEPLOY_API_KEY'] = world.keys.studio;
  process.env['COMFYDEPLOY_API_URL'] = world.apiUrl;
  await world.reopen();
  assert.equal(viewState(world), 'noMachines');
  world.secrets.isLocked = false;
  await world.refresh();
  assert.doesNotMatch(world.view.title ?? '', /environment key/, 'the stored one goes first once it can be read');
});

test('a key that could not be removed is reported', async (t) => {
  const world = await start(t);
  world.secrets.isLocked = true;
  await world.run('signOut');
  const { kind, text, buttons } = await world.editor.message(/could not be removed from VS Code's key store/);
  assert.deepEqual([kind, buttons], ['error', ['Sign Out Again']]);
  assert.match(text, /sign out again, or revoke the key/);
  assert.deepEqual(Object.keys(world.secrets.inUse), [world.apiUrl]);
});

test('a key store that never answers is given up, and asked again', async (t) => {
  const world = await start(t);
  world.secrets.isSilent = true;
  world.secrets.touch();
  await world.refresh();
  await world.advance(25_000); // the windows' files depend on the account, too, and wait as long
  assert.equal(viewState(world), 'keyStore');
  world.secrets.isSilent = false;
  await world.advance(MINUTE);
  assert.equal(viewState(world), 'noMachines');
});

test('signing out with a key in the environment says before and after whose key is used then', async (t) => {
  const world = await start(t, { environmentKey: 'a.key.of-another' });
  const [kept] = Object.values(world.secrets.inUse);
  const ask = async () => {
    const signedOut = world.run('signOut');
    const question = await world.editor.message(/^Sign out and use the key from the environment\?/);
    assert.match(question.options.detail ?? '', /^COMFYDEPLOY_API_KEY is set in the environment\. After you sign out/);
    return { question, signedOut };
  };
  const first = await ask();
  first.question.dismiss();
  await first.signedOut;
  assert.deepEqual(Object.values(world.secrets.inUse), [kept]);

  world.editor.messages.splice(0);
  const second = await ask();
  second.question.press('Use That Key');
  await second.signedOut;
  await world.editor.message(/^You are now signed in with the key from COMFYDEPLOY_API_KEY/);
  assert.equal(world.secrets.kept.size, 0);
});
