import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type * as vscode from 'vscode';
import type { CodeLens, CompletionItem } from '../../fakes/vscode/values';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { MINUTE, startWithSession, type World } from '../start';

const SEED = '18446744073709551557';
const HOSTILE = '[run](command:evil) $(trash)';

/** A window in which a session has told its nodes, and a file is open. */
async function startWithOpen(t: TestContext, text: string) {
  const { world, id } = await startWithSession(t, {}, { comfyUi: true });
  const comfyUi = world.control.comfyUi(id);
  await world.until('the list of nodes to be read', async () => {
    await world.advance(MINUTE);
    return comfyUi?.requests.includes('GET /object_info');
  });
  const uri = world.editor.files.write('cat.json', text);
  world.editor.texts.open(uri, text);
  await world.advance(1_000);
  const document = () =>
    world.editor.texts.all.find((one) => one.uri.toString() === uri.toString()) as vscode.TextDocument;
  return { world, uri, document };
}

/** Where this stands in the file. */
function placeOf(document: vscode.TextDocument, part: string): vscode.Position {
  const text = document.getText();
  const before = text.slice(0, text.indexOf(part) + 1).split('\n');
  return { line: before.length - 1, character: before.at(-1)!.length } as vscode.Position;
}

async function hoverAt(world: World, document: vscode.TextDocument, part: string) {
  const hover = await world.editor.hovers[0]!.provideHover(document, placeOf(document, part), undefined as never);
  return (hover as { contents?: vscode.MarkdownString } | undefined)?.contents?.value;
}

async function offeredAt(world: World, document: vscode.TextDocument, part: string) {
  const [completer] = world.editor.completers;
  return (await completer!.provideCompletionItems(
    document,
    placeOf(document, part),
    undefined as never,
    undefined as never,
  )) as unknown as readonly CompletionItem[];
}

async function lensesOf(world: World, document: vscode.TextDocument) {
  return (await world.editor.lenses[0]!.provideCodeLenses(
    document,
    undefined as never,
  )) as unknown as readonly CodeLens[];
}

const press = ({ editor }: World, lenses: readonly CodeLens[], title: string) => {
  const { command, arguments: args } = lenses.find((lens) => lens.command.title === title)!.command;
  return editor.run(command, ...args);
};

const API = JSON.stringify(defaultPrompt(5), undefined, 2).replace('"seed": 5', `"seed": ${SEED}`);

test('a value in API format says its type, range, default and what is allowed, and a node its name', async (t) => {
  const { world, document } = await startWithOpen(t, API);
  const steps = (await hoverAt(world, document(), '20')) ?? '';
  assert.match(steps, /KSampler.*steps/);
  assert.match(steps, /Range: 1 to 10000/);
  assert.match(steps, /Default: 20/);
  assert.match((await hoverAt(world, document(), SEED)) ?? '', /Range: 0 to 1844674407370955\d{4}/);
  assert.match((await hoverAt(world, document(), '"euler"')) ?? '', /Allowed values: euler, /);
  assert.match((await hoverAt(world, document(), '"3": {')) ?? '', /KSampler.*Outputs: LATENT/s);
  assert.equal(await hoverAt(world, document(), '"inputs"'), undefined);
  assert.equal(await hoverAt(world, document(), '"steps"'), steps);
});

test('a drawn workflow is explained, too, and of choices all are offered', async (t) => {
  const { world, document } = await startWithOpen(t, JSON.stringify(defaultWorkflow, undefined, 2));
  assert.match((await hoverAt(world, document(), '"euler"')) ?? '', /sampler.*name.*Allowed values: euler/s);
  const offered = await offeredAt(world, document(), '"euler"');
  assert.ok(offered.some(({ label, insertText }) => label === 'dpmpp_2m' && insertText === '"dpmpp_2m"'));
  assert.deepEqual(
    [offered[0]?.filterText, offered[0]?.range?.start.line],
    ['"euler"', placeOf(document(), '"euler"').line],
  );
  assert.ok(
    offered.every(({ sortText = 'x' }) => sortText < '"a'),
    'before the other texts of the file, which VS Code offers, too',
  );
  const titles = (await lensesOf(world, document())).map(({ command }) => command.title);
  assert.deepEqual(titles.slice(0, 5), ['Queue', 'Check', 'Show Picture', 'Open in Session', 'Export']);
});

test('help goes on while a file is being typed in and is no JSON', async (t) => {
  const { world, uri, document } = await startWithOpen(t, API);
  const whole = await offeredAt(world, document(), '"euler"');
  for (const [typed, left] of [
    ['"sampler_name": "eul,', '"eul'],
    ['"sampler_name": "eul', '"eul'],
    ['"sampler_name": "euler" "', '"euler"'],
  ] as const) {
    world.editor.texts.type(uri, API.replace('"sampler_name": "euler",', typed));
    const offered = await offeredAt(world, document(), left);
    assert.deepEqual(
      offered.map(({ label }) => label),
      whole.map(({ label }) => label),
      typed,
    );
    const [{ start, end } = { start: undefined, end: undefined }] = offered.map(({ range }) => range);
    assert.equal((end?.character ?? 0) - (start?.character ?? 0), left.length, typed);
  }
  world.editor.texts.type(uri, API.replace('"sampler_name": "euler",', '"sampler_name": ,'));
  assert.deepEqual(await offeredAt(world, document(), '"sampler_name": ,'), []);
  assert.match((await hoverAt(world, document(), '20')) ?? '', /Range: 1 to 10000/);
});

test('a seed is randomized in its own digits, and nothing else changes', async (t) => {
  const { world, document } = await startWithOpen(t, API);
  const lenses = await lensesOf(world, document());
  assert.deepEqual(
    lenses.map(({ command }) => command.title),
    ['Queue', 'Check', 'Show Picture', 'Randomize', 'Edit Text', 'Edit Text'],
  );
  await press(world, lenses, 'Randomize');
  const changed = document().getText();
  const seed = /"seed": (\d+)/.exec(changed)?.[1] ?? '';
  assert.notEqual(seed, SEED);
  assert.equal(changed.replace(`"seed": ${seed}`, `"seed": ${SEED}`), API);
  assert.equal(document().isDirty, true);
});

test('a text is edited as plain text, and saving it changes that text alone', async (t) => {
  const { world, uri, document } = await startWithOpen(t, API);
  await press(world, await lensesOf(world, document()), 'Edit Text');
  const shown = world.editor.shownTexts.at(-1)!.uri;
  const texts = world.editor.fileSystems.get(shown.scheme)!;
  const text = new TextDecoder().decode(await texts.readFile(shown));
  assert.ok(API.includes(JSON.stringify(text)));
  const typed = `a "cat"\n\\ and ${HOSTILE} 🐈`;
  await texts.writeFile(shown, new TextEncoder().encode(typed), { create: false, overwrite: true });
  assert.equal(document().getText(), API.replace(JSON.stringify(text), JSON.stringify(typed)));
  assert.equal(document().isDirty, false, 'it had no other changes');
  world.editor.texts.type(uri, '{}');
  await assert.rejects(async () => texts.readFile(shown), /no longer has this text/);
});

test('other files get no help, nor does anything where it is turned off', async (t) => {
  const { world, document } = await startWithOpen(t, API);
  const other = world.editor.files.write('package.json', '{"class_type": 1}');
  world.editor.texts.open(other, '{"class_type": 1}');
  await world.advance(1_000);
  const plain = world.editor.texts.all.find((one) => one.uri.toString() === other.toString())!;
  assert.deepEqual(await lensesOf(world, plain), []);
  world.editor.configure('comfydeploy.workflowHelp', false);
  assert.deepEqual(await lensesOf(world, document()), []);
  assert.equal(await hoverAt(world, document(), '20'), undefined);
});

test('without any workflow file nothing is registered', async (t) => {
  const { world } = await startWithSession(t);
  world.editor.texts.open(world.editor.files.write('a.json', '{}'), '{}');
  await world.advance(1_000);
  const { hovers, completers, lenses } = world.editor;
  assert.deepEqual([hovers, completers, lenses], [[], [], []]);
});
