import assert from 'node:assert/strict';
import test from 'node:test';
import { Uri } from '../../fakes/vscode/values';
import { MINUTE, start, startWithSession, type World } from '../start';

/** As the network says it. */
const UNTRUSTED = Object.assign(new Error('self-signed'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' });

const page = ({ editor }: World) => editor.documents.at(-1)?.getText().trimEnd().split('\n') ?? [];

/** The buttons above the lines of the page, as `2 Sign In`. */
async function buttons({ editor }: World): Promise<readonly string[]> {
  const uri = Uri.parse('comfydeploy:ComfyDeploy Doctor');
  const asked = editor.lenses.map(async (one) => one.provideCodeLenses({ uri } as never, {} as never));
  const offered = await Promise.all(asked);
  return offered.flatMap((list) => list ?? []).map(({ range, command }) => `${range.start.line} ${command?.title}`);
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
  assert.deepEqual(await buttons(world), ['0 Copy Report', '0 Report Issue…']);
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
      '– WebSocket: No session is running.',
      '– Page in a tab: No session is running.',
      '– Outputs folder: No folder is set for saving outputs.',
    ],
  );
  assert.ok((await buttons(world)).includes('1 Sign In'));
  assert.ok((await buttons(world)).includes('11 Open Settings'));
});

test('a certificate that is not trusted is told apart from a server that fails', async (t) => {
  const { world } = await startWithSession(t);
  world.instead = () => Promise.reject(new TypeError('fetch failed', { cause: UNTRUSTED }));
  const examined = world.run('doctor');
  await world.advance(MINUTE);
  await examined;
  const lines = page(world).join('\n');
  assert.match(lines, /✗ Proxy and certificates: .*http\.systemCertificates/);
  assert.match(lines, /– API key|✓ API key/);
  world.instead = () => Promise.resolve(new Response('', { status: 503 }));
  const again = world.run('doctor');
  await world.advance(MINUTE);
  await again;
  assert.match(page(world).join('\n'), /✗ ComfyDeploy: .*\n– Proxy and certificates/);
});

test('a clock that is off, a page that no tab shows and a folder that cannot be written are named', async (t) => {
  const { world } = await startWithSession(t, {}, { comfyUi: true });
  world.editor.configure('comfydeploy.outputsFolder', '/dev/null/out');
  world.page = () => Promise.resolve(new Response('', { headers: { 'x-frame-options': 'DENY' } }));
  world.sleep(7 * MINUTE, 'wall');
  await world.run('doctor');
  const lines = page(world).join('\n');
  assert.match(lines, /✗ Clock: This computer's clock is off by 7 min\./);
  assert.match(lines, /✗ Page in a tab: The page can't be shown in a tab\. /);
  assert.match(lines, /✗ Outputs folder: .*\/dev\/null/);
  assert.ok((await buttons(world)).includes('11 Open Settings'));
});

test('what does not answer is given up after ten seconds', async (t) => {
  const { world } = await startWithSession(t);
  world.page = () => new Promise(() => undefined);
  const examined = world.run('doctor');
  await world.advance(11_000);
  await examined;
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
  assert.deepEqual(world.editor.statusMessages, ['$(check) Report copied']);

  await world.run('reportIssue');
  assert.deepEqual(world.editor.ran.at(-1), {
    id: 'workbench.action.openIssueReporter',
    args: [{ extensionId: 'comfydeploy-sessions.comfydeploy-sessions', issueBody: report }],
  });
});
