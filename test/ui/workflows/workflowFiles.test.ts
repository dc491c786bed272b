import assert from 'node:assert/strict';
import test from 'node:test';
import * as vscode from '../../fakes/vscode';
import { Uri } from '../../fakes/vscode/values';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { ask, START_UP_MS, startWithBox } from '../creating';
import { framed } from '../framedComfyUi';
import { ME, start, startWithSession, type World } from '../start';

const GRAPH = JSON.stringify(defaultWorkflow);
const PROMPT = JSON.stringify(defaultPrompt(7));
const REST_MS = 500;

const offered = ({ editor }: World) => {
  const names = (key: string) =>
    ((editor.contexts.get(key) ?? []) as string[]).map((path) => path.replace('/workspace/', ''));
  return { graphs: names('comfydeploy.graphs'), prompts: names('comfydeploy.prompts') };
};

/** Waits until the page has shown the workflow. */
async function taken(world: World, opened: Promise<unknown>): Promise<void> {
  const { setUp, page } = await framed(world);
  setUp();
  await opened;
  assert.equal(page.graphs.length, 2);
}

test('menus offer for each file of the workspace what its content allows', async (t) => {
  const world = await start(t, {
    window: ({ editor: { files } }) => {
      files.write('graph.json', GRAPH);
      files.write('prompt.json', PROMPT);
      files.write('both.json', `{"workflow":${GRAPH},"output":${PROMPT}}`);
      files.write('package.json', '{"name":"x"}');
      files.write(
        'networkx.json',
        '{"directed":false,"graph":{},"nodes":[{"id":1,"type":"a"}],"links":[{"source":1}]}',
      );
      files.write('broken.json', '{"nodes": [], "links": [');
    },
  });
  await world.settled();
  assert.deepEqual(offered(world), { graphs: ['graph.json', 'both.json'], prompts: ['prompt.json', 'both.json'] });
});

test('files are followed as they come, change, are typed into and go', async (t) => {
  const world = await start(t);
  const { files, texts } = world.editor;
  const uri = files.write('a.json', '{}');
  await world.settled();
  assert.deepEqual(offered(world), { graphs: [], prompts: [] });

  files.write('a.json', PROMPT);
  await world.settled();
  assert.deepEqual(offered(world).prompts, ['a.json']);

  texts.open(uri, PROMPT);
  texts.type(uri, '{}');
  texts.type(uri, GRAPH);
  await world.advance(REST_MS);
  assert.deepEqual(offered(world), { graphs: ['a.json'], prompts: [] });

  texts.close(uri);
  await world.settled();
  assert.deepEqual(offered(world), { graphs: [], prompts: ['a.json'] }, 'what was typed is not kept');

  files.write('folder/b.json', GRAPH);
  await world.settled();
  files.delete('folder');
  files.delete('a.json');
  assert.deepEqual(offered(world), { graphs: [], prompts: [] });
});

test('of thousands of files that come at once one is read at a time, and the menus are updated once', async (t) => {
  const world = await start(t);
  const { files, contextChanges } = world.editor;
  let [atOnce, most] = [0, 0];
  const read = files.read.bind(files);
  t.mock.method(files, 'read', async (uri: Uri) => {
    most = Math.max(most, ++atOnce);
    try {
      return await read(uri);
    } finally {
      atOnce--;
    }
  });
  const changesBefore = contextChanges.length;
  for (let index = 0; index < 2_000; index++) files.write(`file${index}.json`, index % 2 === 0 ? GRAPH : PROMPT);
  await world.settled();
  await world.until('all of them', () => offered(world).graphs.length === 1_000);
  assert.equal(offered(world).prompts.length, 1_000);
  assert.equal(most, 1);
  assert.equal(contextChanges.length - changesBefore, 2, 'once of either kind');
});

test('what tools put into their own folders is not read, and its going changes nothing', async (t) => {
  const world = await start(t);
  const { files, contextChanges } = world.editor;
  files.write('a.json', GRAPH);
  await world.settled();
  const read = t.mock.method(files, 'read');
  const changesBefore = contextChanges.length;
  files.write('node_modules/x/b.json', GRAPH);
  files.write('venv/c.json', GRAPH);
  await world.settled();
  files.delete('node_modules');
  assert.deepEqual([read.mock.callCount(), contextChanges.length], [0, changesBefore]);
  assert.deepEqual(offered(world).graphs, ['a.json']);
});

test('a folder of many files is looked into within bounds, and the rest has its menus by name or once it is opened', async (t) => {
  const some = JSON.stringify({ rows: 'x'.repeat(48_000) });
  let reads = { calls: 0, bytes: 0 };
  const world = await start(t, {
    window: ({ editor: { files } }) => {
      for (let n = 0; n < 990; n++) files.write(`data/${n}.json`, some);
      files.write('data/late.json', GRAPH);
      files.write('my workflow.json', PROMPT);
      files.write('large workflow.json', `{"nodes":${' '.repeat(12_000_000)}[]}`);
      const read = files.read.bind(files);
      t.mock.method(vscode.workspace.fs, 'readFile', async (uri: Uri) => {
        const bytes = await read(uri);
        reads = { calls: reads.calls + 1, bytes: reads.bytes + bytes.length };
        return bytes;
      });
    },
  });
  await world.settled();
  await world.until('a look', () => offered(world).prompts.length > 0);
  assert.ok(reads.calls <= 200 && reads.bytes <= 4 * 1024 * 1024, JSON.stringify(reads));
  assert.deepEqual(offered(world), {
    graphs: ['large workflow.json'],
    prompts: ['my workflow.json', 'large workflow.json'],
  });
  world.editor.texts.open(Uri.parse('file:///workspace/data/late.json'), GRAPH);
  await world.settled();
  assert.ok(offered(world).graphs.includes('data/late.json'));
});

test('files in UTF-16 are workflows, too, open or closed', async (t) => {
  const little = Buffer.from(GRAPH, 'utf16le');
  const big = Buffer.from(little).swap16();
  const world = await start(t, {
    window: ({ editor: { files } }) => {
      files.writeBytes('little.json', Buffer.concat([Buffer.from('fffe', 'hex'), little]));
      files.writeBytes('big.json', Buffer.concat([Buffer.from('feff', 'hex'), big]));
      files.writeBytes('bare.json', little);
      files.writeBytes('bare big.json', big);
      files.write('marked.json', `\ufeff${GRAPH}`);
    },
  });
  await world.settled();
  assert.deepEqual(offered(world).graphs, ['little.json', 'big.json', 'bare.json', 'bare big.json', 'marked.json']);
  world.editor.texts.open(Uri.parse('file:///workspace/bare.json'), GRAPH.replace(/./gs, '$&\0'));
  await world.settled();
  assert.ok(offered(world).graphs.includes('bare.json'), 'whatever VS Code took it for');
});

test('a file in an unknown encoding is refused by its name, and nothing of it is lost', async (t) => {
  const latin = Buffer.from(PROMPT.replace('"_meta"', '"_é"').replace('{', '{"_comment":"café",'), 'latin1');
  const { world } = await startWithSession(t);
  const uri = world.editor.files.writeBytes('latin.json', latin);
  const refused = async (name: 'openWorkflow' | 'queueWorkflow') => {
    await world.run(name, uri);
    const { text } = await world.editor.message(/^latin isn't encoded in UTF-8/);
    assert.match(text, /save it with UTF-8/);
    world.editor.messages.length = 0;
  };
  await refused('queueWorkflow');
  world.editor.texts.open(uri, new TextDecoder().decode(latin)); // as VS Code shows it
  await refused('queueWorkflow');
  await refused('openWorkflow');
  assert.deepEqual(Buffer.from(await vscode.workspace.fs.readFile(uri)), latin);
});

test('nothing is looked for until somebody is signed in', async (t) => {
  const world = await start(t, { scope: null, window: ({ editor: { files } }) => void files.write('a.json', GRAPH) });
  await world.settled();
  assert.equal(world.editor.contexts.has('comfydeploy.graphs'), false);
  await world.keepKey(world.keys.mine);
  await world.until('a look', () => offered(world).graphs.length === 1);
});

test("a workflow goes into the user's only session unasked, and its tab comes forward", async (t) => {
  const { world } = await startWithSession(t);
  await taken(world, world.run('openWorkflow', world.editor.files.write('a.json', GRAPH)));
  assert.equal(world.editor.panels.length, 1);
});

test('of several sessions, or those of others, one is chosen, or a new one is made', async (t) => {
  const world = await start(t, {
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
      await control.addSession({ machineId, minutesLeft: 20.5 });
      await control.addSession({ machineId, gpu: 'H100', minutesLeft: 9.5 });
    },
  });
  const opened = world.run('openWorkflow', world.editor.files.write('my graph.json', GRAPH));
  const sessions = await world.editor.pick(/Open my graph in which session\?/);
  assert.deepEqual([...sessions.labels].toSorted(), ['New Session…', 'sd-box (A10G)', 'sd-box (H100)']);
  sessions.choose('sd-box (H100)');
  await taken(world, opened);
  assert.equal(world.editor.panels[0]?.title, 'sd-box · H100');
});

test('sessions that would read the same are told apart where one is chosen for a workflow', async (t) => {
  const world = await start(t, {
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
      for (const minutesOld of [3, 8]) await control.addSession({ machineId, minutesLeft: 20.5, minutesOld });
    },
  });
  const opened = world.run('openWorkflow', world.editor.files.write('a.json', GRAPH));
  const sessions = await world.editor.pick(/in which session\?/);
  const since = sessions.items.flatMap(({ description = '' }) => / · since (.+)$/.exec(description)?.[1] ?? []);
  assert.equal(new Set(since).size, 2);
  sessions.hide();
  await opened;
});

test('without a session one is asked for, and the workflow goes into it once it is ready', async (t) => {
  const world = await startWithBox(t);
  const opened = world.run('openWorkflow', world.editor.files.write('a.json', GRAPH));
  await ask(world);
  await world.advance(2 * START_UP_MS);
  await taken(world, opened);
  assert.deepEqual([world.control.bill().created, world.editor.panels.length], [1, 1]);
});

test('walking away from the questions costs nothing and opens nothing', async (t) => {
  const world = await startWithBox(t);
  const opened = world.run('openWorkflow', world.editor.files.write('a.json', GRAPH));
  (await world.editor.pick(/On which machine/)).hide();
  await opened;
  assert.deepEqual([world.control.bill().created, world.editor.panels.length], [0, 0]);
});

test('a session that starts is waited for', async (t) => {
  const world = await start(t, {
    furnish: async (control) => {
      control.set({ startUpMs: START_UP_MS });
      const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
      await control.addSession({ machineId, state: 'starting', minutesOld: 0, minutesLeft: 20 });
    },
  });
  const opened = world.run('openWorkflow', world.editor.files.write('a.json', GRAPH));
  await world.editor.progress(/^Waiting for sd-box \(A10G\) to start$/);
  assert.equal(world.editor.panels.length, 0);
  await world.advance(3 * START_UP_MS);
  await taken(world, opened);
  assert.equal(world.editor.panels.length, 1);
});

test('the command without a file takes the one in the editor, or asks among those of the workspace', async (t) => {
  const { world } = await startWithSession(t);
  const { editor } = world;
  await assert.doesNotReject(world.run('openWorkflow'));
  await editor.message(/No ComfyUI workflow is open/);

  editor.files.write('sub/b.json', GRAPH);
  await world.settled();
  const asked = world.run('openWorkflow');
  const files = await editor.pick(/Open which workflow\?/);
  assert.deepEqual([files.labels, files.describe('b')], [['b'], 'sub/b.json']);
  files.choose('b');
  await taken(world, asked);
  assert.equal(editor.panels.length, 1);

  editor.texts.open(editor.files.write('c.json', GRAPH), GRAPH);
  await taken(world, world.run('openWorkflow'));
  assert.equal(editor.openInput, undefined, 'nothing was asked');
});

test('a file that is no workflow is refused in words, before anything is asked', async (t) => {
  const world = await startWithBox(t);
  await world.run('openWorkflow', world.editor.files.write('tsconfig.json', '{}'));
  await world.editor.message(/tsconfig isn't a ComfyUI workflow/);
  await world.run('openWorkflow', Uri.parse('file:///workspace/gone.json'));
  await world.editor.message(/gone isn't a ComfyUI workflow, or can't be read/);
});

test('a broken file on screen is reported with its line, and the user is asked for another one', async (t) => {
  const { world } = await startWithSession(t, {}, { comfyUi: true });
  world.editor.files.write('good.json', GRAPH);
  const broken = world.editor.files.write('broken.json', `{\n"nodes": [],\n"links": [1,\n],\n"version": 0.4}`);
  world.editor.texts.open(broken, `{\n"nodes": [],\n"links": [1,\n],\n"version": 0.4}`);
  await world.advance(REST_MS);
  for (const command of ['openWorkflow', 'queueWorkflow'] as const) {
    const asked = world.run(command);
    const list = await world.editor.pick(/broken can't be read: its JSON is wrong in line 4\. Choose another file/);
    list.hide();
    await asked;
  }
});
