import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type * as vscode from 'vscode';
import { stableWorkflow } from '../../../src/comfyui/stableJson';
import { Uri, type CodeLens } from '../../fakes/vscode/values';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { openFramed } from '../framedComfyUi';
import { MINUTE, startWithSession, type World } from '../start';

type Node = Readonly<Record<string, unknown>> & { readonly id: number };

/** The default workflow with other steps of its sampler. */
function withSteps(steps: number, more: object = {}): Readonly<Record<string, unknown>> {
  const nodes = (defaultWorkflow['nodes'] as readonly Node[]).map((node) => {
    const values = node['widgets_values'] as readonly unknown[];
    return node.id === 3 ? { ...node, widgets_values: values.with(2, steps) } : node;
  });
  return { ...defaultWorkflow, nodes, ...more };
}

/** A session whose nodes are known, and a workflow called cats with one version. */
async function begin(t: TestContext) {
  const { world, id, target } = await startWithSession(t, {}, { comfyUi: true });
  const comfyUi = world.control.comfyUi(id);
  await world.until('the list of nodes to be read', async () => {
    await world.advance(MINUTE);
    return comfyUi?.requests.includes('GET /object_info');
  });
  await world.settled();
  const workflow = world.control.addWorkflow({
    name: 'cats',
    graph: JSON.stringify(defaultWorkflow),
    prompt: JSON.stringify(defaultPrompt(1)),
  });
  const versions = () => world.control.workflows().find((one) => one.id === workflow.id)?.versions ?? [];
  const somebodySaves = (steps: number) =>
    world.control.addVersion(workflow.id, {
      graph: JSON.stringify(withSteps(steps)),
      prompt: JSON.stringify(defaultPrompt(1)),
    });
  return { world, target, workflow, versions, somebodySaves, machineId: world.control.session(id)?.machineId };
}

/** A file that is the first version of cats. */
async function pulled(world: World, graph = defaultWorkflow) {
  const text = stableWorkflow(graph);
  const uri = world.editor.files.write('cat.json', text);
  world.editor.texts.open(uri, text);
  await world.advance(1_000);
  const pulling = world.run('pullVersion', uri);
  (await world.editor.pick(/^Pull cat from: /)).choose('cats');
  await pulling;
  const document = () => world.editor.texts.all.find((one) => one.uri.toString() === uri.toString())!;
  return { uri, document };
}

async function lensesOf(world: World, document: vscode.TextDocument): Promise<readonly string[]> {
  const lenses = await Promise.all(
    world.editor.lenses.map(async (one) => one.provideCodeLenses(document, undefined as never)),
  );
  await world.settled();
  return (lenses.flat() as unknown as readonly CodeLens[]).map(({ command }) => command.title);
}

const stepOf = async (world: World, document: vscode.TextDocument) =>
  (await lensesOf(world, document)).find((title) => title.startsWith('Version '));

/** Saves a version; resolves with the question. */
async function save(world: World, target: unknown, comment = '') {
  const saving = world.run('saveVersion', target);
  (await world.editor.pick(/^Save .* on ComfyDeploy: Choose a workflow/)).choose('cats');
  const asked = await world.editor.pick(/What has changed\?/);
  if (comment === '') asked.enter();
  else {
    asked.type(comment);
    asked.enter();
  }
  return saving;
}

const question = ({ editor }: World, number: number) => editor.message(new RegExp(`as version ${number} of cats\\?$`));

/** What a session's page shows, compared with a file: the right side. */
async function comparedWithPage(world: World, uri: Uri): Promise<string> {
  const comparing = world.run('compareWorkflow', uri);
  const sides = await world.editor.pick(/^Compare cat with: /);
  sides.choose(sides.labels.find((label) => label.startsWith('What '))!);
  await comparing;
  const { args } = world.editor.ran.find(({ id }) => id === 'vscode.diff')!;
  const after = await world.editor.contentProviders
    .get('comfydeploy')
    ?.provideTextDocumentContent(args[1] as Uri, undefined as never);
  return String(after);
}

test('what the page shows is saved as a version with a comment, in both forms and without a machine', async (t) => {
  const { world, target, versions } = await begin(t);
  const { page } = await openFramed(world, target);
  page.graphs.push(withSteps(30));
  const saving = save(world, target, 'more steps');
  (await question(world, 2)).press('Save');
  await saving;
  const saved = versions().at(-1);
  assert.deepEqual([saved?.version, saved?.comment, saved?.machineId], [2, 'more steps', null]);
  assert.deepEqual(JSON.parse(saved?.graph ?? ''), withSteps(30));
  assert.deepEqual(JSON.parse(saved?.prompt ?? ''), defaultPrompt(1));
  assert.equal(world.editor.statusMessages.at(-1), 'Saved as version 2 of cats');
});

test('a version moves the machine only if asked for, and after saying what that does', async (t) => {
  const { world, target, versions, machineId } = await begin(t);
  const { page } = await openFramed(world, target);
  page.graphs.push(withSteps(30));
  const saving = save(world, target);
  (await question(world, 2)).press('Save with Machine…');
  const { options } = await world.editor.message(/^Save it with sd-box\?$/);
  assert.equal(options.detail, 'sd-box becomes the machine of cats, and its preview deployment moves to this version.');
  (await world.editor.message(/^Save it with sd-box\?$/)).press('Save with Machine');
  await saving;
  assert.deepEqual(
    versions().map((one) => one.machineId),
    [null, machineId],
  );
});

test('a file in step, changed here, behind, and both says so, and asks the server only when shown, and rarely', async (t) => {
  const { world, workflow, somebodySaves } = await begin(t);
  const asked = () =>
    world.control.requests().filter(({ path }) => path.endsWith(`/workflow/${workflow.id}/versions`)).length;
  const { uri, document } = await pulled(world);
  assert.deepEqual((await lensesOf(world, document())).slice(-4), ['Version 1 · in step', 'Pull', 'Push', 'Compare']);
  world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
  assert.equal(await stepOf(world, document()), 'Version 1 · changed here');
  somebodySaves(40);
  const before = asked();
  await lensesOf(world, document());
  assert.equal(asked(), before, 'the last answer still counts');
  await world.advance(16 * MINUTE);
  assert.equal(asked(), before, 'a file that nobody looks at is not asked about');
  await lensesOf(world, document());
  assert.equal(await stepOf(world, document()), 'Version 1 · 1 version behind · changed here');
  somebodySaves(50);
  world.editor.texts.type(uri, stableWorkflow(defaultWorkflow));
  await world.advance(16 * MINUTE);
  await lensesOf(world, document());
  assert.equal(await stepOf(world, document()), 'Version 1 · 2 versions behind');
});

test('where files note their version themselves, pulling and pushing keep the note up to date', async (t) => {
  const { world } = await begin(t);
  world.editor.configure('comfydeploy.versionInFile', true);
  const { uri, document } = await pulled(world);
  const noted = () => (JSON.parse(document().getText()) as { extra: { comfydeploy?: object } }).extra.comfydeploy;
  assert.deepEqual(Object.keys(noted() ?? {}).sort(), ['digest', 'id', 'version', 'workflow']);
  world.editor.configure('comfydeploy.versionInFile', false);
  await world.workspaceMemory.update('origins', undefined);
  assert.equal(await stepOf(world, document()), 'Version 1 · in step', 'as after a clone of the repository');
  const { extra } = JSON.parse(document().getText()) as { extra: object };
  world.editor.texts.type(uri, stableWorkflow(withSteps(30, { extra })));
  const saving = save(world, uri);
  (await question(world, 2)).press('Save');
  await saving;
  assert.equal(await stepOf(world, document()), 'Version 2 · in step');
  assert.match(document().getText(), /"comfydeploy": \{\s+"id": "[^"]+",\s+"version": 2,/);
});

test('offline, a file says what is known here, and nothing is lost', async (t) => {
  const { world, versions } = await begin(t);
  const { uri, document } = await pulled(world);
  world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
  await world.advance(16 * MINUTE);
  world.control.setOffline(true);
  await lensesOf(world, document());
  assert.equal(await stepOf(world, document()), 'Version 1 · changed here');
  const pulling = world.editor.run('comfydeploy.pullVersion', uri);
  await world.advance(MINUTE);
  await world.finish(pulling);
  assert.equal(document().getText(), stableWorkflow(withSteps(30)));
  assert.equal(versions().length, 1);
});

test('pulling replaces an unchanged file, and a changed one only if the user agrees', async (t) => {
  const { world, somebodySaves } = await begin(t);
  const { uri, document } = await pulled(world);
  somebodySaves(40);
  await world.run('pullVersion', uri);
  assert.equal(document().getText(), stableWorkflow(withSteps(40)));
  assert.equal(document().isDirty, false);
  world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
  somebodySaves(50);
  const pulling = world.run('pullVersion', uri);
  (await world.editor.message(/^cat has changes that version 3 lacks\.$/)).press('Compare');
  await pulling;
  assert.equal(document().getText(), stableWorkflow(withSteps(30)));
  assert.ok(world.editor.ran.some(({ id }) => id === 'vscode.diff'));
});

test('after an undo, a file is the version again that it was before', async (t) => {
  const { world, somebodySaves } = await begin(t);
  const { uri, document } = await pulled(world);
  const before = document().getText();
  somebodySaves(40);
  await world.run('pullVersion', uri);
  assert.equal(await stepOf(world, document()), 'Version 2 · in step');
  world.editor.texts.type(uri, before);
  assert.equal(await stepOf(world, document()), 'Version 1 · 1 version behind');
  world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
  assert.equal(await stepOf(world, document()), 'Version 1 · 1 version behind · changed here');
  const saving = world.run('saveVersion', uri);
  (await world.editor.pick(/Choose a workflow/)).choose('cats');
  (await world.editor.pick(/What has changed\?/)).enter();
  const asked = await question(world, 3);
  assert.match(
    asked.options.detail ?? '',
    /^On ComfyDeploy since version 1, and not in what you save:\nKSampler #3 steps: 20 → 40/,
  );
  asked.press('Compare');
  await saving;
  assert.ok(world.editor.ran.some(({ id }) => id === 'vscode.diff'));
});

test('what a page shows has come from the version of the file that was opened in it', async (t) => {
  const { world, target, somebodySaves } = await begin(t);
  world.control.addWorkflow({ name: 'another', graph: JSON.stringify(defaultWorkflow), pinned: true });
  const { uri } = await pulled(world);
  const { page } = await openFramed(world, target);
  await world.run('openWorkflow', uri);
  somebodySaves(40);
  page.graphs.push(withSteps(30));
  const saving = world.run('saveVersion', target);
  const where = await world.editor.pick(/Choose a workflow/);
  assert.equal(where.labels[0], 'cats');
  where.choose('cats');
  (await world.editor.pick(/What has changed\?/)).enter();
  const asked = await question(world, 3);
  assert.match(asked.options.detail ?? '', /KSampler #3 steps: 20 → 40/);
  asked.dismiss();
  await saving;
});

test('the nodes of a running session are asked for at once, and without any the API form can be left out', async (t) => {
  for (const isRunning of [true, false]) {
    const { world, id } = await startWithSession(t, {}, { comfyUi: true });
    const [graph, prompt] = [JSON.stringify(defaultWorkflow), JSON.stringify(defaultPrompt(1))];
    const { id: workflow } = world.control.addWorkflow({ name: 'cats', graph, prompt });
    const { uri } = await pulled(world);
    world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
    if (!isRunning) world.control.comfyUi(id)?.refuse(/object_info/, 500);
    const saving = save(world, uri);
    if (!isRunning) {
      const asked = await world.editor.message(/^Save cat without its API form\?$/);
      assert.match(asked.options.detail ?? '', /ComfyDeploy can then open this version, but not run it\.$/);
      asked.press('Save Without It');
    }
    (await question(world, 2)).press('Save');
    await saving;
    const saved = world.control
      .workflows()
      .find((one) => one.id === workflow)
      ?.versions.at(-1);
    const { '3': sampler } = JSON.parse(saved?.prompt ?? '') as { '3'?: { inputs: { steps: number } } };
    assert.equal(sampler?.inputs.steps, isRunning ? 30 : undefined);
    world.dispose();
  }
});

test('values have their names as soon as a session runs', async (t) => {
  const { world, target } = await startWithSession(t, {}, { comfyUi: true });
  const { page } = await openFramed(world, target);
  page.graphs.push(withSteps(30));
  const text = stableWorkflow(defaultWorkflow);
  const uri = world.editor.files.write('cat.json', text);
  world.editor.texts.open(uri, text);
  await world.advance(1_000);
  const after = await comparedWithPage(world, uri);
  assert.equal(after.split('\n')[1], '// KSampler #3 steps: 30 → 20');
});

test('a version without a drawing does not replace one', async (t) => {
  const { world, workflow } = await begin(t);
  const { uri, document } = await pulled(world);
  const before = document().getText();
  world.control.addVersion(workflow.id, { graph: '{}', prompt: JSON.stringify(defaultPrompt(1)) });
  await world.editor.run('comfydeploy.pullVersion', uri);
  assert.equal(document().getText(), before);
  assert.match(world.editor.words, /Version 2 is not a drawn workflow\. cat was left as it is\./);
});

test('the version of a file goes with it when it is renamed, and does not stay for another one', async (t) => {
  const { world, document } = await begin(t).then(async (begun) => ({ ...begun, ...(await pulled(begun.world)) }));
  const text = document().getText();
  const moved = world.editor.files.rename('cat.json', 'pets/tom.json');
  world.editor.texts.open(moved, text);
  await world.advance(1_000);
  const tom = () => world.editor.texts.all.find((one) => one.uri.toString() === moved.toString())!;
  assert.equal(await stepOf(world, tom()), 'Version 1 · in step');
  world.editor.files.write('cat.json', text);
  await world.advance(1_000);
  assert.equal(await stepOf(world, document()), undefined);
});

test('what a refresh finds out counts for files at once, and what cannot be asked is not claimed', async (t) => {
  const { world, somebodySaves } = await begin(t);
  const { document } = await pulled(world);
  somebodySaves(40);
  assert.equal(await stepOf(world, document()), 'Version 1 · in step');
  await world.run('refresh');
  await stepOf(world, document());
  await world.settled();
  assert.equal(await stepOf(world, document()), 'Version 1 · 1 version behind');
});

test('a note in a file that is no version of anything is ignored, and nothing is asked for it', async (t) => {
  const { world } = await begin(t);
  const comfydeploy = { workflow: '../../machines/all?x=', version: 1e300, id: 'x', digest: '0'.repeat(16) };
  const text = JSON.stringify({ ...defaultWorkflow, extra: { comfydeploy } });
  const uri = world.editor.files.write('evil.json', text);
  world.editor.texts.open(uri, text);
  await world.advance(1_000);
  const document = world.editor.texts.all.find((one) => one.uri.toString() === uri.toString())!;
  assert.equal(await stepOf(world, document), undefined);
  assert.ok(world.control.requests().every(({ path }) => !path.includes('machines%2Fall')));
});

test('pushing a file says what others have saved since, and asks again if they save meanwhile', async (t) => {
  const { world, versions, somebodySaves } = await begin(t);
  const { uri, document } = await pulled(world);
  world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
  somebodySaves(40);
  const saving = save(world, uri);
  const first = await question(world, 3);
  assert.equal(
    first.options.detail,
    'On ComfyDeploy since version 1, and not in what you save:\nKSampler #3 steps: 20 → 40\n',
  );
  somebodySaves(50);
  first.press('Save');
  const second = await question(world, 4);
  assert.match(second.options.detail ?? '', /steps: 20 → 50/);
  second.press('Save');
  await saving;
  assert.deepEqual(
    versions().map(({ version }) => version),
    [1, 2, 3, 4],
  );
  const sent = (JSON.parse(versions().at(-1)?.prompt ?? '') as Record<string, { inputs: Record<string, unknown> }>)[
    '3'
  ]!.inputs;
  assert.equal(sent['steps'], 30, 'converted by the nodes that were kept');
  assert.equal(await stepOf(world, document()), 'Version 4 · in step');
});

test('a version whose answer is lost is found, and not saved again', async (t) => {
  const { world, versions } = await begin(t);
  const { uri } = await pulled(world);
  world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
  const saving = save(world, uri);
  world.control.fault({
    method: 'POST',
    path: '/api/workflow/:id/version',
    times: 1,
    effect: { kind: 'reset', when: 'after' },
  });
  (await question(world, 2)).press('Save');
  await saving;
  assert.deepEqual(
    versions().map(({ version }) => version),
    [1, 2],
  );
  assert.equal(world.editor.statusMessages.at(-1), 'Saved as version 2 of cats');
  const again = world.run('saveVersion', uri);
  (await world.editor.pick(/Choose a workflow/)).choose('cats');
  await again; // without asking for a comment
  await world.editor.message(/^cat is the same as version 2 of cats already\.$/);
  assert.equal(versions().length, 2);
});

test('a comment is kept until its version is saved', async (t) => {
  const { world, versions } = await begin(t);
  const { uri } = await pulled(world);
  world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
  const refused = save(world, uri, 'more steps');
  world.control.fault({
    method: 'POST',
    path: '/api/workflow/:id/version',
    times: 1,
    effect: { kind: 'answer', status: 422, body: { detail: 'No' } },
  });
  (await question(world, 2)).press('Save');
  await refused;
  await world.editor.message(/^cats was not saved\./);
  world.editor.messages.splice(0);
  const dismissed = world.run('saveVersion', uri);
  (await world.editor.pick(/Choose a workflow/)).choose('cats');
  const asked = await world.editor.pick(/What has changed\?/);
  assert.deepEqual(asked.labels, ['more steps', 'Without a comment']);
  asked.enter();
  (await question(world, 2)).dismiss();
  await dismissed;
  world.editor.messages.splice(0);
  const saving = save(world, uri);
  (await question(world, 2)).press('Save');
  await saving;
  assert.equal(versions().at(-1)?.comment, 'more steps');
});

test('two saves at the same moment get the same number, which is said', async (t) => {
  const { world, workflow, versions } = await begin(t);
  const { uri } = await pulled(world);
  world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
  const saving = save(world, uri);
  const asked = await question(world, 2);
  world.before = (method) => {
    const [first, saved, ...others] = versions();
    if (method === 'GET' && first && saved && others.length === 0)
      world.control.alterWorkflow(workflow.id, { versions: [first, { ...saved, id: crypto.randomUUID() }, saved] });
    return undefined;
  };
  asked.press('Save');
  await saving;
  await world.editor.message(/^Somebody else saved cats at the same moment: there are two versions 2\.$/);
});

test('what the server cannot read is not saved, and it says so', async (t) => {
  const { world, versions } = await begin(t);
  const text = stableWorkflow(withSteps(30)).replace('{', `{ "deep": ${'['.repeat(1_500)}${']'.repeat(1_500)},`);
  const uri = world.editor.files.write('deep.json', text);
  world.editor.texts.open(uri, text);
  const saving = save(world, uri);
  (await question(world, 2)).press('Save');
  await saving;
  await world.editor.message(/^cats was not saved\. There was an error parsing the body\.$/);
  assert.equal(versions().length, 1);
});

test('a version that somebody else saves just before is said to be missing in ours', async (t) => {
  const { world, somebodySaves } = await begin(t);
  const { uri } = await pulled(world);
  world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
  const saving = save(world, uri);
  const asked = await question(world, 2);
  let hasSaved = false;
  world.before = (method) => {
    if (method === 'POST' && !hasSaved) somebodySaves(40);
    hasSaved ||= method === 'POST';
    return undefined;
  };
  asked.press('Save');
  await saving;
  await world.editor.message(/^Somebody else saved version 2 of cats meanwhile\. Yours lacks what is new there\.$/);
  assert.equal(world.editor.statusMessages.at(-1), 'Saved as version 3 of cats');
});

test('a file in API format offers no push, and a file whose workflow was deleted says so', async (t) => {
  const { world, workflow } = await begin(t);
  const { uri, document } = await pulled(world);
  world.control.alterWorkflow(workflow.id, { deleted: true });
  await world.run('refresh');
  await stepOf(world, document());
  await world.settled();
  assert.equal(await stepOf(world, document()), 'Version 1 · workflow not found');
  world.editor.texts.type(uri, JSON.stringify(defaultPrompt(1)));
  const lenses = await lensesOf(world, document());
  assert.ok(lenses.includes('Pull') && !lenses.includes('Push'), lenses.join());
});

test('what the database refuses is named with its node, and nothing is sent', async (t) => {
  const { world, versions } = await begin(t);
  const text = stableWorkflow(withSteps(30)).replace('"randomize", 30,', '"randomize", 1e400,');
  const uri = world.editor.files.write('odd.json', text);
  world.editor.texts.open(uri, text);
  await world.run('saveVersion', uri);
  await world.editor.message(/^ComfyDeploy's database refuses what odd contains: 1e400 \(KSampler #3\)/);
  assert.equal(versions().length, 1);
});

test('a file is compared with a version, with what differs in words above it', async (t) => {
  const { world } = await begin(t);
  const { uri } = await pulled(world);
  world.editor.texts.type(uri, stableWorkflow(withSteps(30, { groups: [{ title: 'sky', bounding: [0, 0, 1, 1] }] })));
  const comparing = world.run('compareWorkflow', uri);
  (await world.editor.pick(/^Compare cat with: /)).choose('Newest version');
  await comparing;
  const { args } = world.editor.ran.find(({ id }) => id === 'vscode.diff')!;
  assert.equal(args[2], 'Newest version and cat');
  const [, after] = await Promise.all(
    (args.slice(0, 2) as readonly Uri[]).map(async (one) =>
      world.editor.contentProviders.get('comfydeploy')?.provideTextDocumentContent(one, undefined as never),
    ),
  );
  assert.deepEqual(String(after).split('\n').slice(0, 4), [
    '// cat',
    '// Added: group sky',
    '// KSampler #3 steps: 20 → 30',
    '{',
  ]);
});

test('a file is offered other files, by their names, and not itself nor a version that was closed again', async (t) => {
  const { world } = await begin(t);
  const { uri } = await pulled(world);
  const text = stableWorkflow(defaultWorkflow);
  for (const name of ['dog.json', 'ant.json']) world.editor.texts.open(world.editor.files.write(name, text), text);
  const shown = Uri.from({ scheme: 'comfydeploy', path: 'cats v1 (ComfyDeploy).json' });
  world.editor.texts.open(shown, text);
  await world.advance(1_000);
  world.editor.texts.close(shown);
  await world.advance(1_000);
  const comparing = world.run('compareWorkflow', uri);
  const sides = await world.editor.pick(/^Compare cat with: /);
  assert.deepEqual(sides.labels.slice(-2), ['ant', 'dog']);
  assert.ok(!sides.labels.includes('cat'));
  sides.hide();
  await comparing;
});

test('two versions of a workflow are compared, beginning with the one that was chosen', async (t) => {
  const { world, workflow, somebodySaves } = await begin(t);
  somebodySaves(40);
  const comparing = world.run('compareWorkflow', {
    workflow: { id: workflow.id, name: 'cats' },
    version: { id: workflow.versions[0]!.id, number: 1 },
  });
  const sides = await world.editor.pick(/^Compare cats · Version 1 with: /);
  assert.ok(!sides.labels.includes('Version 1'), 'not with itself');
  sides.choose('Newest version');
  await comparing;
  const { args } = world.editor.ran.find(({ id }) => id === 'vscode.diff')!;
  const after = await world.editor.contentProviders
    .get('comfydeploy')
    ?.provideTextDocumentContent(args[1] as Uri, undefined as never);
  assert.deepEqual(String(after).split('\n').slice(0, 3), ['// Newest version', '// KSampler #3 steps: 20 → 40', '{']);
});

test('a version is compared with one of another workflow', async (t) => {
  const { world, workflow } = await begin(t);
  world.control.addWorkflow({ name: 'dogs', graph: JSON.stringify(withSteps(40)) });
  const comparing = world.run('compareWorkflow', {
    workflow: { id: workflow.id, name: 'cats' },
    version: { id: workflow.versions[0]!.id, number: 1 },
  });
  (await world.editor.pick(/^Compare cats · Version 1 with: /)).choose('Another Workflow…');
  (await world.editor.pick(/: Choose a workflow on ComfyDeploy$/)).choose('dogs');
  (await world.editor.pick(/: Choose a version$/)).choose('Version 1');
  await comparing;
  const { args } = world.editor.ran.find(({ id }) => id === 'vscode.diff')!;
  assert.equal(args[2], 'cats · Version 1 and dogs · Version 1');
});

test('a new workflow is made of a file', async (t) => {
  const { world } = await begin(t);
  const text = stableWorkflow(withSteps(30));
  const uri = world.editor.files.write('dogs.json', text);
  world.editor.texts.open(uri, text);
  const saving = world.run('saveVersion', uri);
  (await world.editor.pick(/^Save dogs on ComfyDeploy: Choose a workflow/)).choose('New Workflow…');
  (await world.editor.pick(/The name of the new workflow$/)).enter();
  await saving;
  const made = world.control.workflows().find(({ name }) => name === 'dogs');
  assert.deepEqual(JSON.parse(made?.versions[0]?.graph ?? ''), withSteps(30));
  assert.equal(made?.machineId, null);
});

test('a new workflow gets a name that another one has only if the user agrees', async (t) => {
  const { world } = await begin(t);
  const { uri } = await pulled(world);
  world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
  const saving = world.run('saveVersion', uri);
  (await world.editor.pick(/Choose a workflow/)).choose('New Workflow…');
  const name = await world.editor.pick(/The name of the new workflow$/);
  name.type('cats');
  name.enter();
  const asked = await world.editor.message(/^Save cats as a new workflow\?$/);
  assert.equal(asked.options.detail, 'There is a workflow cats already.');
  asked.dismiss();
  await saving;
  assert.equal(world.control.workflows().length, 1);
});

test('a new workflow with a long name whose answer is lost is found, and not made twice', async (t) => {
  const { world } = await begin(t);
  const name = 'dogs '.repeat(30).trim();
  const text = stableWorkflow(withSteps(30));
  const uri = world.editor.files.write('dogs.json', text);
  world.editor.texts.open(uri, text);
  world.control.fault({ method: 'POST', path: '/api/workflow', effect: { kind: 'reset', when: 'after' } });
  const saving = world.run('saveVersion', uri);
  (await world.editor.pick(/^Save dogs on ComfyDeploy: Choose a workflow/)).choose('New Workflow…');
  const box = await world.editor.pick(/The name of the new workflow$/);
  box.type(name);
  box.enter();
  await saving;
  assert.equal(world.editor.statusMessages.at(-1), `Saved as the new workflow ${name}`);
});

test('twins are told apart by machine and age where a workflow is chosen', async (t) => {
  const { world, machineId } = await begin(t);
  await world.control.advance(MINUTE);
  world.control.addWorkflow({ name: 'cats', machineId: machineId ?? null, graph: JSON.stringify(defaultWorkflow) });
  const uri = world.editor.files.write('cat.json', stableWorkflow(defaultWorkflow));
  const saving = world.run('saveVersion', uri);
  const list = await world.editor.pick(/: Choose a workflow on ComfyDeploy$/);
  assert.deepEqual(
    list.items.map(({ label, description }) => `${label} · ${description}`),
    ['cats · sd-box · just now', 'cats · 1 min ago', 'New Workflow… · '],
  );
  list.hide();
  await saving;
});

test('if the workflow of a file is gone, nobody else’s is offered first, and the list says so', async (t) => {
  const { world, workflow } = await begin(t);
  const { uri } = await pulled(world);
  world.control.addWorkflow({ name: 'of a stranger', graph: JSON.stringify(defaultWorkflow) });
  const offered = async () => {
    const saving = world.run('saveVersion', uri);
    const list = await world.editor.pick(/^Save cat on ComfyDeploy: /);
    list.hide();
    await saving;
    return { first: list.labels[0], placeholder: list.placeholder };
  };
  assert.equal((await offered()).first, 'cats', 'although it is not the latest');
  world.control.alterWorkflow(workflow.id, { deleted: true });
  assert.deepEqual(await offered(), {
    first: 'New Workflow…',
    placeholder: 'Its workflow was not found. Was it deleted, or is it in another account?',
  });
});

test('of very many workflows the first are listed, with the file’s own, and others are found by typing', async (t) => {
  const { world } = await begin(t);
  const { uri } = await pulled(world);
  await world.control.advance(MINUTE);
  for (let index = 0; index < 1000; index++) world.control.addWorkflow({ name: `w${index}` });
  world.control.addWorkflow({ name: 'old dogs', at: 0 });
  const saving = world.run('saveVersion', uri);
  const list = await world.editor.pick(/: The first 1000 workflows\. Type to search all of them$/);
  assert.equal(list.labels[0], 'cats', 'it is older than the first 1000');
  list.type('W999');
  assert.deepEqual(list.labels, ['w999', 'W999'], 'what is listed, and a search');
  list.type('dogs');
  list.enter();
  const found = await world.editor.pick(/: Found: dogs$/);
  assert.deepEqual(found.labels, ['old dogs', 'New Workflow…']);
  found.hide();
  await saving;
});

test('the first version of a workflow that has none is saved into it', async (t) => {
  const { world, workflow, versions } = await begin(t);
  world.control.alterWorkflow(workflow.id, { versions: [] });
  const text = stableWorkflow(withSteps(30));
  const uri = world.editor.files.write('cat.json', text);
  world.editor.texts.open(uri, text);
  const saving = save(world, uri);
  (await question(world, 1)).press('Save');
  await saving;
  assert.deepEqual(
    versions().map(({ version, graph }) => [version, JSON.parse(graph) as unknown]),
    [[1, withSteps(30)]],
  );
});

test('older versions are offered with who saved them and when', async (t) => {
  const { world, somebodySaves } = await begin(t);
  const { uri } = await pulled(world);
  await world.control.advance(MINUTE);
  somebodySaves(40);
  const comparing = world.run('compareWorkflow', uri);
  (await world.editor.pick(/^Compare cat with: /)).choose('Another Version…');
  const list = await world.editor.pick(/: Choose a version$/);
  assert.deepEqual(
    list.items.map(({ label, description }) => `${label} · ${description}`),
    ['Version 2 · just now', 'Version 1 · initial version · 1 min ago'],
  );
  list.hide();
  await comparing;
});

test('pulling replaces changes once the user agrees, and the file is that version then', async (t) => {
  const { world, somebodySaves } = await begin(t);
  const { uri, document } = await pulled(world);
  world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
  somebodySaves(50);
  const pulling = world.run('pullVersion', uri);
  (await world.editor.message(/^cat has changes that version 2 lacks\.$/)).press('Replace');
  await pulling;
  assert.equal(document().getText(), stableWorkflow(withSteps(50)));
  assert.equal(await stepOf(world, document()), 'Version 2 · in step');
});

test('a file is compared with what the page shows', async (t) => {
  const { world, target } = await begin(t);
  const { page } = await openFramed(world, target);
  page.graphs.push(withSteps(30));
  const { uri } = await pulled(world);
  const after = await comparedWithPage(world, uri);
  assert.equal(after.split('\n')[1], '// KSampler #3 steps: 30 → 20');
});

test('a version whose number another one has, too, is compared, and a file of it is behind the other', async (t) => {
  const { world, workflow, versions, somebodySaves } = await begin(t);
  const { uri, document } = await pulled(world);
  somebodySaves(40);
  world.control.alterWorkflow(workflow.id, { versions: versions().map((one) => ({ ...one, version: 1 })) });
  await world.advance(16 * MINUTE);
  await lensesOf(world, document());
  assert.equal(await stepOf(world, document()), 'Version 1 · 1 version behind');
  const comparing = world.run('compareWorkflow', uri);
  (await world.editor.pick(/^Compare cat with: /)).choose('Version 1');
  await comparing;
  assert.ok(world.editor.ran.some(({ id }) => id === 'vscode.diff'));

  world.editor.texts.type(uri, stableWorkflow(withSteps(30)));
  const saving = save(world, uri);
  const asked = await question(world, 2);
  assert.match(asked.options.detail ?? '', /steps: 20 → 40/, 'what the other one has changed');
  asked.dismiss();
  await saving;
});
