import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import test, { type TestContext } from 'node:test';
import manifest from '../../../package.json';
import texts from '../../../package.nls.json';
import { memoryFiles } from '../../fakes/memoryFiles';
import { Uri } from '../../fakes/vscode/values';
import { MINUTE, start, startWithSession, type World } from '../start';

/** As the network says it. */
const UNTRUSTED = Object.assign(new Error('self-signed'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' });

const raw = ({ editor }: World) => editor.documents.at(-1)?.getText().trimEnd() ?? '';
/** The lines as they were before they were broken. */
const page = (world: World) => raw(world).replaceAll('\n  ', ' ').split('\n');
const UNASKED = 'Not known: ComfyDeploy could not be asked.';

/** The buttons above the lines of the page, as `API key: Sign In`. */
async function buttons(world: World): Promise<readonly string[]> {
  const { editor } = world;
  const lines = raw(world).split('\n');
  const uri = Uri.parse('comfydeploy:ComfyDeploy Doctor');
  const asked = editor.lenses.map(async (one) => one.provideCodeLenses({ uri } as never, {} as never));
  const offered = await Promise.all(asked);
  return offered
    .flatMap((list) => list ?? [])
    .map(({ range, command }) => {
      const [name] = /^[^:]+/.exec(lines[range.start.line] ?? '') ?? [];
      return `${name}: ${command?.title}`;
    });
}

test('where all is well the doctor says so of each part, and changes nothing', async (t) => {
  const { world } = await startWithSession(t, {}, { comfyUi: true });
  world.editor.configure('comfydeploy.outputsFolder', '/tmp');
  const methods: string[] = [];
  world.before = (method) => void methods.push(method);
  await world.run('doctor');
  assert.deepEqual(page(world), [
    'ComfyDeploy: no problems found.',
    '✓ API key',
    '✓ Key store',
    '✓ ComfyDeploy',
    '✓ Proxy and certificates',
    '✓ Clock',
    '✓ Prices',
    '✓ WebSocket',
    '✓ Page in a tab',
    '✓ Other windows',
    '✓ Storage',
    '✓ Outputs folder',
  ]);
  assert.deepEqual(await buttons(world), ['ComfyDeploy: Copy Report', 'ComfyDeploy: Report Issue…']);
  assert.deepEqual([...new Set(methods)], ['GET']);
});

test('without a key the way on is to sign in, and nothing else is blamed', async (t) => {
  const world = await start(t, { scope: null });
  await world.run('doctor');
  assert.deepEqual(
    page(world).filter((line) => !line.startsWith('✓')),
    [
      'ComfyDeploy: 1 problem found.',
      '✗ API key: You are not signed in.',
      `– WebSocket: ${UNASKED}`,
      `– Page in a tab: ${UNASKED}`,
      '– Outputs folder: No folder is set for saving outputs.',
    ],
  );
  assert.ok((await buttons(world)).includes('✗ API key: Sign In'));
  assert.ok((await buttons(world)).includes('– Outputs folder: Open Settings'));
});

test('a certificate that is not trusted is told apart from a server that fails', async (t) => {
  const { world } = await startWithSession(t, {}, { comfyUi: true });
  world.instead = () => Promise.reject(new TypeError('fetch failed', { cause: UNTRUSTED }));
  const examined = world.run('doctor');
  await world.advance(MINUTE);
  await world.finish(examined);
  const lines = page(world).join('\n');
  assert.match(lines, /^ComfyDeploy: 1 problem found\.\n/);
  assert.match(lines, /✗ Proxy and certificates: .*http\.systemCertificates/);
  assert.match(lines, /– API key: Not known/);
  world.instead = () => Promise.resolve(new Response('', { status: 503 }));
  const again = world.run('doctor');
  await world.advance(MINUTE);
  await world.finish(again);
  assert.match(page(world).join('\n'), /✗ ComfyDeploy: .* Try again later\.\n– Proxy and certificates: Not known/);
  const copied = world.run('copyReport');
  await world.advance(MINUTE);
  await world.finish(copied);
  assert.match(world.editor.clipboard, /\n✗ server busy 503\n/);
});

test('a clock that is off, a page that no tab shows and a folder that cannot be written are named', async (t) => {
  const { world } = await startWithSession(t, {}, { comfyUi: true });
  world.editor.configure('comfydeploy.outputsFolder', '/dev/null/out');
  world.page = () => Promise.resolve(new Response('', { headers: { 'x-frame-options': 'DENY' } }));
  world.sleep(7 * MINUTE, 'wall');
  await world.run('doctor');
  const lines = page(world).join('\n');
  assert.match(lines, /✗ Clock: Set this computer's clock: it is off by 7 min\./);
  assert.match(lines, /✗ Page in a tab: The page can't be shown in a tab\. /);
  assert.match(lines, /✗ Outputs folder: .*\/dev\/null/);
  assert.ok((await buttons(world)).includes('✗ Outputs folder: Open Settings'));
});

test('what does not answer is given up after ten seconds', async (t) => {
  const { world } = await startWithSession(t);
  world.page = () => new Promise(() => undefined);
  const examined = world.run('doctor');
  await world.advance(11_000);
  await world.finish(examined);
  assert.match(page(world).join('\n'), /✗ Page in a tab: No answer within 10 s\./);
});

test('a report names the parts that fail, and neither a folder, an address nor a key', async (t) => {
  const { world, id } = await startWithSession(t);
  world.editor.configure('comfydeploy.outputsFolder', '/dev/null/ann');
  await world.run('copyReport');
  const report = world.editor.clipboard;
  assert.match(report, /^ComfyDeploy Sessions 0\.\d+\.\d+, VS Code 1\.139\.1, desktop, local\n\n✓ key stored\n/);
  assert.match(report, /\n✗ outputs notWritable\n$/);
  const { host } = new URL(world.control.session(id)?.url ?? '');
  for (const secret of ['ann', host, world.keys.mine]) assert.ok(!report.includes(secret), secret);
  assert.deepEqual(world.editor.statusMessages, ['Report copied']);

  await world.run('reportIssue');
  const form = new URL(world.editor.opened.at(-1) ?? '');
  const asked = new URLSearchParams(decodeURIComponent(form.search));
  assert.equal(`${form.origin}${form.pathname}`, `${manifest.bugs.url}/new`);
  assert.deepEqual(
    [...asked],
    [
      ['template', 'bug.yml'],
      ['log', report],
    ],
  );
  assert.doesNotMatch(report, /[&#%+]/, 'VS Code escapes none of them');
});

/** Changed for one test, so that the folder that editors share is there. */
function shareIn(t: TestContext, folder: string): void {
  for (const name of ['XDG_STATE_HOME', 'HOME', 'LOCALAPPDATA']) {
    const before = process.env[name];
    process.env[name] = folder;
    t.after(() => (before === undefined ? Reflect.deleteProperty(process.env, name) : (process.env[name] = before)));
  }
}

test('the folder that editors share is named if it cannot be written, and no setting is blamed', async (t) => {
  shareIn(t, '/dev/null/shared');
  const world = await start(t, { window: (one) => (one.common = memoryFiles()) });
  await world.run('doctor');
  assert.match(page(world).join('\n'), /✗ Storage: .*\/dev\/null\/shared/);
  assert.ok(!(await buttons(world)).some((button) => button.startsWith('✗ Storage')));
});

test('a disk that is nearly full is said to be, and one that is full is told apart', async (t) => {
  const { world } = await startWithSession(t);
  world.editor.configure('comfydeploy.outputsFolder', '/tmp');
  let blocks = 90;
  t.mock.method(fs, 'statfs', () => Promise.resolve({ bavail: blocks, bsize: 1e6, blocks: 1_000 }));
  await world.run('doctor');
  assert.match(page(world).join('\n'), /✗ Outputs folder: The disk with \/tmp is nearly full\./);
  await world.run('copyReport');
  assert.match(world.editor.clipboard, /\n✗ storage nearlyFull\n✗ outputs nearlyFull\n$/);
  blocks = 0;
  t.mock.method(fs, 'writeFile', () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })));
  await world.run('copyReport');
  assert.match(world.editor.clipboard, /\n✗ storage full\n✗ outputs full\n$/);
});

test('with a revoked key the doctor says what the view says, and that sessions are not known', async (t) => {
  const { world } = await startWithSession(t);
  world.control.revokeKey(world.keys.mine);
  await world.run('doctor');
  const lines = page(world);
  const [words] = texts['welcome.rejected'].split(' It was');
  assert.equal(lines[1], `✗ API key: ${words}`);
  for (const part of ['WebSocket', 'Page in a tab']) assert.ok(lines.includes(`– ${part}: ${UNASKED}`));
});

test('an address that is wrong is said once, and that of another server is the way on where nothing answers', async (t) => {
  const { world } = await startWithSession(t, {}, { comfyUi: true });
  world.editor.configure('comfydeploy.apiUrl', 'ftp://example.com');
  await world.run('doctor');
  assert.match(page(world).join('\n'), /^ComfyDeploy: 1 problem found\.\n– API key: .*\n✓ Key store\n✗ ComfyDeploy: /);
  world.editor.configure('comfydeploy.apiUrl', world.apiUrl);
  world.instead = () =>
    Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) }));
  const examined = world.run('doctor');
  await world.advance(MINUTE);
  await world.finish(examined);
  const text = page(world).join('\n');
  assert.match(text, /^ComfyDeploy: 1 problem found\./);
  assert.match(text, /✗ ComfyDeploy: .*ECONNRESET.* comfydeploy\.apiUrl is set to another server\./);
  assert.match(text, /– Proxy and certificates: Not known/);
  assert.ok((await buttons(world)).includes('✗ ComfyDeploy: Open Settings'));
  for (const line of raw(world).split('\n')) assert.ok(line.length <= 80, line);
});

test('a server that never answers is one problem', async (t) => {
  const { world } = await startWithSession(t, {}, { comfyUi: true });
  world.instead = () => new Promise(() => undefined);
  const examined = world.run('doctor');
  await world.advance(11_000);
  await world.finish(examined);
  const text = page(world).join('\n');
  assert.match(text, /^ComfyDeploy: 1 problem found\./);
  assert.match(text, /✗ ComfyDeploy: No answer within 7 s\./);
});
