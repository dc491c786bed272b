import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { LibraryNode } from '../../../src/library/ui/libraryTree';
import { defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import type { FakeTreeView } from '../../fakes/vscode/surfaces';
import { Uri, type TreeItem } from '../../fakes/vscode/values';
import type { Control } from '../../simulator/control';
import { framed } from '../framedComfyUi';
import { ME, MINUTE, start, type StartOptions, type World } from '../start';

const GRAPH = { last_node_id: 1, nodes: [{ id: 1, type: 'LoadImage', pos: [0, 0] }], links: [], version: 0.4 };
const graph = JSON.stringify(GRAPH);

/** The view beside that of the sessions. */
class LibraryPage {
  readonly view: FakeTreeView<LibraryNode>;

  constructor(private readonly world: World) {
    this.view = world.editor.treeViews[1] as FakeTreeView<LibraryNode>;
  }

  /** Opens the view, and waits for what it shows. */
  async look(): Promise<void> {
    this.view.setVisible(true);
    await this.world.settled();
  }

  below(node?: LibraryNode): readonly LibraryNode[] {
    return this.view.provider.getChildren(node) as readonly LibraryNode[];
  }

  /** `label: description` */
  rows(node?: LibraryNode): readonly string[] {
    return this.below(node).map((row) => {
      const { label, description } = this.view.provider.getTreeItem(row) as TreeItem;
      return `${label}: ${String(description)}`;
    });
  }

  async versions(index = 0): Promise<readonly LibraryNode[]> {
    const workflow = this.below()[index];
    assert.ok(workflow);
    this.below(workflow);
    await this.world.settled();
    return this.below(workflow);
  }
}

async function begin(t: TestContext, furnish: (control: Control) => unknown, options: StartOptions = {}) {
  const world = await start(t, {
    ...options,
    furnish: async (control) => {
      await furnish(control);
    },
  });
  const page = new LibraryPage(world);
  const asked = () => world.control.requests().filter(({ path }) => path.includes('/workflow'));
  return { world, page, asked };
}

/** Older ones first. */
async function three(control: Control): Promise<void> {
  const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
  control.addWorkflow({ name: 'portrait', machineId, graph });
  await control.advance(MINUTE);
  control.addWorkflow({ name: 'upscale', pinned: true, graph });
  await control.advance(MINUTE);
  control.addWorkflow({ name: 'Port of call', graph });
}

test('nothing is requested while the view is hidden; then pinned workflows come first, and the latest after them', async (t) => {
  const { world, page, asked } = await begin(t, three);
  await world.advance(10 * MINUTE);
  assert.deepEqual(asked(), []);
  await page.look();
  assert.deepEqual(page.rows(), ['upscale: 11 min ago', 'Port of call: 10 min ago', 'portrait: sd-box · 12 min ago']);
  assert.equal(asked().length, 1);
  page.view.setVisible(false);
  await world.advance(10 * MINUTE);
  assert.equal(asked().length, 1);
  await page.look();
  assert.equal(asked().length, 2);
});

test('workflows are found by a part of the name and by machine, and the view says so', async (t) => {
  const { world, page } = await begin(t, three);
  await page.look();
  const search = async (text: string, label: string) => {
    const done = world.run('searchKept');
    const list = await world.editor.pick(/^Search Workflows/);
    list.type(text);
    list.choose(label);
    await done;
    await world.settled();
    return page.below().map((node) => node.kind === 'workflow' && node.workflow.name);
  };

  assert.deepEqual(await search('PORT', 'PORT'), ['Port of call', 'portrait']);
  assert.ok(
    world.editor.ran.some(({ id }) => id === 'comfydeploy.workflows.focus'),
    'it may be called while the view is hidden',
  );
  assert.equal(page.view.message, 'Found: PORT');
  assert.deepEqual(await search('', 'sd-box'), ['portrait']);
  assert.equal(page.view.message, 'Found: PORT · On sd-box');
  await search('', 'All Workflows');
  assert.deepEqual(await search('', 'sd-box'), ['portrait']);
  assert.equal(page.view.message, 'On sd-box');
  assert.deepEqual(await search('port', 'port'), ['portrait'], 'on the machine that was chosen, first');
  assert.equal(page.view.message, 'Found: port · On sd-box');
  assert.deepEqual(await search('zzz', 'zzz'), []);
  assert.equal(page.view.message, 'Not found: zzz · On sd-box');
  assert.equal((await search('', 'All Workflows')).length, 3);
  assert.deepEqual(await search('zzz', 'zzz'), []);
  assert.equal(page.view.message, 'Not found: zzz');
  assert.equal(world.editor.contexts.get('comfydeploy.library'), '', 'there are workflows, although none is found');
  assert.deepEqual((await search('', 'All Workflows')).length, 3);
  assert.equal(page.view.message, '');
});

test('versions come five at a time, are not requested twice, and reading them stops when the row is closed', async (t) => {
  const { world, page, asked } = await begin(t, (control) => {
    const { id } = control.addWorkflow({ name: 'portrait', graph });
    for (let number = 2; number <= 7; number++) control.addVersion(id, { graph, comment: `change ${number}` });
  });
  await page.look();
  const versions = await page.versions();
  assert.deepEqual(page.rows(page.below()[0]).slice(-2), ['Version 3: change 3 · just now', 'More…: ']);

  page.view.selection = versions.slice(-1);
  await world.run('openKept');
  await world.settled();
  assert.equal(page.rows(page.below()[0]).at(-1), 'Version 1: initial version · just now');
  assert.equal(asked().length, 3);

  await world.run('openKept', versions[0]);
  const shown = world.editor.documents.at(-1)!;
  assert.deepEqual(JSON.parse(shown.getText()), GRAPH);
  assert.match(shown.uri.path, /^portrait v7 \(ComfyDeploy\)\.json$/);
  assert.equal(asked().length, 3, 'its graph came with the list');

  const { id } = page.below()[0]!;
  world.control.alterWorkflow(id, { updatedAt: world.control.now() + 1 });
  await world.run('refresh');
  await world.settled();
  const before = asked().length;
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  world.before = (_, path) => (path.endsWith('/versions') ? held : undefined);
  assert.equal(page.rows(page.below()[0]).at(-1), 'Loading…: ');
  page.view.collapse(page.below()[0]!);
  release();
  await world.settled();
  assert.equal(asked().length, before);
});

test('a version opens in a session of its machine, before any other', async (t) => {
  const { world, page } = await begin(
    t,
    async (control) => {
      const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
      const { id: other } = control.addMachine({ ...ME, name: 'other' });
      await control.addSession({ machineId: other, minutesLeft: 20.5 });
      const { id } = await control.addSession({ machineId, minutesLeft: 30.5 });
      const visited = JSON.stringify({ 'Comfy.TutorialCompleted': true });
      control.comfyUi(id)!.saveWorkflow('comfy.settings.json', visited);
      control.addWorkflow({ name: 'portrait', machineId, graph });
    },
    { comfyUi: true },
  );
  await page.look();
  const done = world.run('openKeptInSession', page.below()[0]);
  const list = await world.editor.pick(/^Open portrait v1 in which session/);
  assert.deepEqual(list.labels, ['sd-box (A10G)', 'other (A10G)', 'New Session…']);
  list.enter();
  const { page: framedPage, setUp } = await framed(world);
  setUp();
  await done;
  assert.deepEqual(framedPage.graphs, [defaultWorkflow, GRAPH]);
});

test('a version is saved as a file where the user says', async (t) => {
  const { world, page } = await begin(t, three);
  await page.look();
  const done = world.run('saveKept', page.below()[0]);
  const dialog = await world.editor.saveDialog();
  const uri = Uri.file('/elsewhere/mine.json');
  dialog.choose(uri);
  await done;
  assert.deepEqual(JSON.parse(world.editor.written.get(uri.toString())!), GRAPH);
  const [workflow] = world.control.workflows().filter(({ pinned }) => pinned);
  const origins = world.workspaceMemory.get('origins') as Record<string, { workflow: string; id: string }[]>;
  const [{ workflow: from, id } = { workflow: '', id: '' }] = origins[uri.toString()]!;
  assert.deepEqual([from, id], [workflow?.id, workflow?.versions[0]?.id], 'from now on the file is in step');
});

test('after each change the view shows what the server has', async (t) => {
  const { world, page } = await begin(t, (control) => control.addWorkflow({ name: 'portrait', graph }));
  await page.look();
  const names = () =>
    page.below().map((node) => node.kind === 'workflow' && [node.workflow.name, node.workflow.isPinned]);
  const renaming = world.run('renameKept', page.below()[0]);
  (await world.editor.inputBox()).enter('lady');
  await renaming;
  assert.deepEqual(names(), [['lady', false]]);
  await world.run('pinKept', page.below()[0]);
  assert.deepEqual(names(), [['lady', true]]);
  await world.run('duplicateKept', page.below()[0]);
  assert.deepEqual(
    page.view.selection.map((node) => node.kind === 'workflow' && node.workflow.name),
    ['lady (Cloned)'],
    'one sees where the copy is',
  );
  await world.run('unpinKept', page.below()[0]);
  assert.equal(names().length, 2);

  const deleting = world.run('deleteKept', page.below()[0]);
  const question = await world.editor.message(/^Delete lady.*\?$/);
  question.press('Delete');
  await deleting;
  assert.equal(names().length, 1);
  await world.run('openKeptInDashboard', page.below()[0]);
  assert.match(world.editor.opened.at(-1)!, /\/workflows\/[^/]+\/workspace$/);
});

test('a copy whose answer is lost is found, and one that was not made is not claimed', async (t) => {
  const { world, page } = await begin(t, (control) => control.addWorkflow({ name: 'portrait', graph }));
  await page.look();
  const lose = (when: 'before' | 'after') =>
    world.control.fault({ method: 'POST', path: '/api/workflow/:id/clone', times: 1, effect: { kind: 'reset', when } });
  lose('after');
  await world.run('duplicateKept', page.below()[0]);
  assert.deepEqual(
    page.view.selection.map((node) => node.kind === 'workflow' && node.workflow.name),
    ['portrait (Cloned)'],
  );
  assert.deepEqual(world.editor.messages, []);
  lose('before');
  await world.run('duplicateKept', page.below().at(-1));
  await world.editor.message(/^ComfyDeploy could not be reached/);
  assert.equal(world.control.workflows().length, 2);
});

test('what was not searched is not called not found', async (t) => {
  const { world, page } = await begin(t, three);
  await page.look();
  world.control.fault({ path: '/api/workflows', effect: { kind: 'answer', status: 400, body: { detail: 'No.' } } });
  const searching = world.run('searchKept');
  const list = await world.editor.pick(/^Search Workflows/);
  list.type('port');
  list.choose('port');
  await searching;
  await world.settled();
  assert.equal(page.view.message, 'No.');
});

test('a workflow that was deleted meanwhile is said to be gone, whatever was asked of it', async (t) => {
  const { world, page } = await begin(t, (control) => control.addWorkflow({ name: 'portrait', graph }));
  await page.look();
  const [row] = page.below();
  world.control.alterWorkflow(world.control.workflows()[0]!.id, { deleted: true });
  await world.run('pinKept', row);
  await world.editor.message(/^ComfyDeploy doesn't have this workflow any more\./);
  assert.deepEqual(page.below(), []);
});

test('a long name is edited whole, as two may differ at their ends only', async (t) => {
  const name = `${'long '.repeat(30)}end`;
  const { world, page } = await begin(t, (control) => control.addWorkflow({ name, graph }));
  await page.look();
  const renaming = world.run('renameKept', page.below()[0]);
  const box = await world.editor.inputBox();
  assert.equal(box.value, name);
  box.enter(`${name} 2`);
  await renaming;
  assert.equal(world.control.workflows()[0]?.name, `${name} 2`);
});

test('a name that is shown without its hidden characters is left alone unless it is edited', async (t) => {
  const name = 'two  spaces\u200b';
  const { world, page } = await begin(t, (control) => control.addWorkflow({ name, graph }));
  await page.look();
  const renaming = world.run('renameKept', page.below()[0]);
  const box = await world.editor.inputBox();
  box.enter(box.value);
  await renaming;
  assert.equal(world.control.workflows()[0]?.name, name);
});

test('while the server is out of reach the rows stay, with their age and the reason', async (t) => {
  const { world, page } = await begin(t, three);
  await page.look();
  page.view.setVisible(false);
  world.control.fault({ path: '/api/workflows', effect: { kind: 'answer', status: 400, body: { detail: 'No.' } } });
  await world.advance(5 * MINUTE);
  await page.look();
  assert.equal(page.rows().length, 3);
  assert.equal(page.view.message, 'Updated 5 min ago. No.');
  world.control.clearFaults();
  await world.advance(2 * MINUTE);
  assert.equal(page.view.message, '', 'it tries again by itself');
});

test('ages go on without a request', async (t) => {
  const { world, page, asked } = await begin(t, three);
  await page.look();
  await world.advance(50_000);
  const [drawn, requested] = [page.view.redraws.length, asked().length];
  await world.advance(5_000);
  assert.equal(page.view.redraws.length, drawn, 'nothing is older by a minute');
  await world.advance(5_000);
  assert.ok(page.view.redraws.length > drawn);
  assert.equal(asked().length, requested);
});

test('a change that fails is reported, and the view shows what the server has', async (t) => {
  const { world, page } = await begin(t, three);
  await page.look();
  const body = { detail: 'Not yours.' };
  world.control.fault({ method: 'PATCH', path: '/api/workflow/:id', effect: { kind: 'answer', status: 403, body } });
  world.control.alterWorkflow(page.below()[1]!.id, { name: 'changed meanwhile' });
  await world.run('pinKept', page.below()[1]);
  await world.editor.message(/Not yours\./);
  await world.settled();
  assert.match(page.rows()[1]!, /^changed meanwhile/);
});

test('a hundred and twenty workflows come fifty at a time, none twice, and one that cannot be read is counted', async (t) => {
  const { world, page } = await begin(t, (control) => {
    for (let index = 0; index < 120; index++) control.addWorkflow({ name: `w${index}`, graph });
  });
  await page.look();
  const more = async () => {
    page.view.selection = page.below().slice(-1);
    await world.run('openKept');
    await world.settled();
  };
  assert.deepEqual([page.below().length, page.rows().at(-1)], [51, 'More…: ']);
  await more();
  world.control.addWorkflow({ name: 'new', graph });
  await more();
  assert.equal(new Set(page.rows()).size, 121);

  const body = world.control.workflows().map(({ id, name }, index) => ({ id, name: index === 0 ? null : name }));
  world.control.fault({ path: '/api/workflows', effect: { kind: 'answer', status: 200, body } });
  await world.run('refresh');
  await world.settled();
  assert.equal(page.below().length, 120);
  assert.match(page.view.message ?? '', /^1 row of ComfyDeploy's answer could not be read/);
});

test('older versions are reached although others are saved meanwhile, or cannot be read', async (t) => {
  const { world, page } = await begin(t, (control) => {
    const { id } = control.addWorkflow({ name: 'portrait', graph });
    for (let number = 2; number <= 12; number++) control.addVersion(id, { graph });
  });
  await page.look();
  await page.versions();
  const { id } = page.below()[0]!;
  const more = async () => {
    page.view.selection = page.below(page.below()[0]).slice(-1);
    await world.run('openKept');
    await world.settled();
    return page.rows(page.below()[0]).map((row) => row.replace(/:.*/, ''));
  };
  for (let number = 13; number <= 17; number++) world.control.addVersion(id, { graph });
  await more(); // the same five again
  assert.deepEqual((await more()).slice(-3), ['Version 4', 'Version 3', 'More…']);

  const body = Array.from({ length: 5 }, (_, index) => ({ id: `bad ${index}` }));
  const path = '/api/workflow/:id/versions';
  world.control.fault({ path, times: 1, effect: { kind: 'answer', status: 200, body } });
  assert.equal((await more()).at(-1), 'More…');
  assert.match((await more()).at(-1)!, /^Unreadable$/);
});

test('what could not be read once is read again when its row is opened or the view refreshed, and not all the time', async (t) => {
  const { world, page, asked } = await begin(t, (control) => control.addWorkflow({ name: 'portrait', graph }));
  const body = [{ id: 'bad' }];
  const path = '/api/workflow/:id/versions';
  const spoil = () => world.control.fault({ path, times: 1, effect: { kind: 'answer', status: 200, body } });
  const below = async () => {
    await page.versions();
    return page.rows(page.below()[0]).map((row) => row.replace(/(?<=read)\..*/, ''));
  };
  const [unread, read] = [["Unreadable: 1: 1 row of ComfyDeploy's answer could not be read"], /^Version 1: /];
  await page.look();
  spoil();
  assert.deepEqual(await below(), unread);
  const before = asked().length;
  assert.deepEqual(await below(), unread);
  assert.equal(asked().length, before, 'drawing a row again requests nothing');
  page.view.collapse(page.below()[0]!);
  page.view.expand(page.below()[0]!);
  await world.settled();
  assert.match((await below())[0]!, read);

  world.control.alterWorkflow(page.below()[0]!.id, { updatedAt: world.control.now() + 1 });
  spoil();
  await world.run('refresh');
  await world.settled();
  assert.deepEqual(await below(), unread);
  spoil();
  await world.run('openKept', page.below()[0]);
  await world.editor.message(/^ComfyDeploy answered in a way this version does not understand\.$/);
  await world.run('refresh');
  await world.settled();
  assert.match((await below())[0]!, read);

  world.control.alterWorkflow(page.below()[0]!.id, { updatedAt: world.control.now() + 2 });
  await world.run('refresh');
  await world.settled();
  world.control.fault({ path, times: 1, effect: { kind: 'answer', status: 400, body: { detail: 'No.' } } });
  await below();
  const failed = asked().length;
  assert.match((await below()).at(-1)!, /^No\./);
  assert.equal(asked().length, failed, 'nor does it after a failure');
  await world.advance(2 * MINUTE);
  assert.match((await below())[0]!, read, 'it tries again by itself');
});

test('a workflow without versions, and one that was deleted meanwhile, say so', async (t) => {
  const { world, page } = await begin(t, (control) => control.addWorkflow({ name: 'portrait', graph }));
  const { id } = world.control.workflows()[0]!;
  world.control.alterWorkflow(id, { versions: [] });
  await page.look();
  await page.versions();
  assert.deepEqual(page.rows(page.below()[0]), ['This workflow has no versions yet.: ']);
  await world.run('openKept', page.below()[0]);
  await world.editor.message(/^This workflow has no versions yet\.$/);

  world.control.alterWorkflow(id, { deleted: true });
  await world.run('openKept', page.below()[0]);
  await world.editor.message(/^ComfyDeploy doesn't have this workflow any more\.$/);
  page.view.selection = page.below(page.below()[0]);
  await world.run('openKept');
  await world.settled();
  assert.deepEqual(page.rows(page.below()[0]), ["ComfyDeploy doesn't have this workflow any more.: "]);
});

test('what is not drawn is shown, and saved in API format if there is one, and only a session cannot open it', async (t) => {
  const prompt = { '1': { class_type: 'LoadImage', inputs: { image: 'a.png' } } };
  const { world, page } = await begin(t, (control) => {
    const { id } = control.addWorkflow({ name: 'w', graph: JSON.stringify(prompt) });
    control.addVersion(id, { graph: 'null' });
    control.addVersion(id, { graph: '{}', prompt: JSON.stringify(prompt) });
  });
  await page.look();
  const versions = await page.versions();
  const shown: unknown[] = [];
  for (const version of versions) {
    await world.run('openKept', version);
    shown.push(JSON.parse(world.editor.documents.at(-1)!.getText()));
    await world.run('openKeptInSession', version);
    await world.editor.message(/^This version of w is not a drawn workflow\.$/);
  }
  assert.deepEqual(shown, [prompt, null, prompt]);
  const saving = world.run('saveKept', versions[0]);
  const uri = Uri.file('/elsewhere/w.json');
  (await world.editor.saveDialog()).choose(uri);
  await saving;
  assert.deepEqual(JSON.parse(world.editor.written.get(uri.toString())!), prompt);
  await world.run('saveKept', versions[1]);
  assert.equal(world.editor.written.size, 1, 'there is nothing to save');
});

test('tooltips have the whole name and comment, and when exactly', async (t) => {
  const { page } = await begin(t, (control) => {
    const { id } = control.addWorkflow({ name: 'long '.repeat(30), graph });
    control.addVersion(id, { graph, comment: 'why '.repeat(30) });
  });
  await page.look();
  const [version] = await page.versions();
  const tooltip = (row?: LibraryNode) =>
    ((page.view.provider.getTreeItem(row!) as TreeItem).tooltip as { readonly value: string }).value;
  assert.match(tooltip(page.below()[0]), /^\*\*(?:long(?:\s|&nbsp;)?){30}\*\*\n\n\n_[^_]*\d{4}[^_]*_$/);
  assert.match(tooltip(version), /Version(?:\s|&nbsp;)2: (?:why(?:\s|&nbsp;)?){30}/);
});

test('an account without workflows, or nobody at all, has no rows', async (t) => {
  const { world, page } = await begin(t, () => undefined);
  await page.look();
  assert.deepEqual(page.rows(), []);
  assert.equal(world.editor.contexts.get('comfydeploy.library'), 'empty');
});

test('names and comments are text, whatever they contain', async (t) => {
  const hostile = '[x](command:evil) $(bug) \u202Eevil\0 <img src=x>';
  const { world, page } = await begin(t, (control) => {
    const { id } = control.addWorkflow({ name: hostile.replace('\0', ''), graph });
    control.addVersion(id, { graph: '[1,2]', comment: hostile.repeat(50) });
  });
  await page.look();
  const versions = await page.versions();
  for (const text of [...page.rows(), ...page.rows(page.below()[0])]) assert.doesNotMatch(text, /\]\(|\$\(|[\u202E\0]/);
  await world.run('openKept', versions[0]);
  assert.deepEqual(JSON.parse(world.editor.documents.at(-1)!.getText()), [1, 2]);
});
