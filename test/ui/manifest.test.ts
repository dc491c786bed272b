import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { NEVER } from '../fakes/vscode/editor';
import * as z from 'zod';
import { declaredSettings } from '../fakes/declaredSettings';
import { manifest } from '../fakes/manifest';
import type { Session } from '../../src/comfydeploy/model';
import { capabilitiesOf } from '../../src/sessions/capabilities';
import type { ViewState } from '../../src/sidebar/viewState';
import { COMMANDS } from '../../src/platform/ui/commands';
import { rowsOf } from '../fakes/treeRows';
import { appState, machine, ready } from '../fakes/appState';
import { defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';
import { start, startWithSession } from './start';

// These tests compare the manifest, which VS Code reads, with the code, in both directions.

const { contributes } = manifest;
const Placed = z.object({ command: z.string(), when: z.string().optional() });
const placed = z.array(Placed).parse([...Object.values(contributes.menus).flat(), ...contributes.keybindings]);
const whens = [...placed, ...contributes.viewsWelcome].flatMap(({ when }) => (when === undefined ? [] : [when]));
const found = (pattern: RegExp, texts: readonly string[]) => [
  ...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, word = '']) => word))),
];
const sorted = (words: Iterable<string>) => [...words].toSorted();

const VIEW_STATES: Readonly<Record<ViewState, true>> = {
  loading: true,
  signedOut: true,
  rejected: true,
  expired: true,
  misconfigured: true,
  forbidden: true,
  keyStore: true,
  offline: true,
  noWay: true,
  untrusted: true,
  noMachines: true,
  allHidden: true,
  rows: true,
};
/** In these the tree has rows. */
const WITHOUT_WELCOME: readonly string[] = ['rows'] satisfies readonly ViewState[];

test('the manifest contributes the commands of the code, no more and no fewer', () => {
  const contributed = contributes.commands.map(({ command }) => command);
  assert.deepEqual(sorted(contributed), sorted(COMMANDS.map((name) => `comfydeploy.${name}`)));
});

test('what starts a GPU without a question is not what "new session" finds', () => {
  const titles = contributes.commands.filter(({ title }) => /new session/i.test(title));
  assert.deepEqual(
    titles.map(({ title }) => title).filter((title) => !title.endsWith('…')),
    [],
  );
});

test('every text of the manifest is in words', () => {
  assert.doesNotMatch(JSON.stringify(manifest), /"%[^"]*%"/);
});

test('the code registers the commands it names', async (t) => {
  const { editor } = await start(t);
  assert.deepEqual(sorted(editor.commands.keys()), sorted(COMMANDS.map((name) => `comfydeploy.${name}`)));
});

test('every menu, key binding and welcome text leads to a command that is there', () => {
  const links = found(
    /\(command:([\w.]+)/g,
    contributes.viewsWelcome.map(({ contents }) => contents),
  );
  const named = [...placed.map(({ command }) => command), ...links];
  const known = new Set([...contributes.commands.map(({ command }) => command), 'workbench.action.openSettings']);
  assert.deepEqual(
    named.filter((command) => !known.has(command)),
    [],
  );
});

test('every command in a title bar or on a row has an icon', () => {
  const inline = [
    ...contributes.menus['view/title'],
    ...contributes.menus['view/item/context'],
    ...contributes.menus['editor/title'],
  ]
    .filter(({ group }) => /^(inline|navigation)/.test(group))
    .map(({ command }) => command);
  const withIcon = new Set(contributes.commands.filter((command) => 'icon' in command).map(({ command }) => command));
  assert.deepEqual(
    inline.filter((command) => !withIcon.has(command)),
    [],
  );
});

test('every context key in a when clause is set by the code, and every key that is set is read', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openSession', target);
  const views = Object.values(contributes.views).flatMap((some) => some.map(({ id }) => id));
  const read = found(/(?<!config\.)\b(comfydeploy\.\w+)/g, whens).filter(
    (key) => !views.includes(key) && key !== 'comfydeploy.session',
  );
  assert.deepEqual(sorted(read), sorted(world.editor.contexts.keys()));
});

test('every state in a when clause is one that the view can be in', () => {
  const compared = found(/comfydeploy\.view [!=]= (\w+)/g, whens);
  const listed = found(/comfydeploy\.view =~ \/\^\(([\w|]+)\)/g, whens).flatMap((list) => list.split('|'));
  assert.deepEqual(
    [...compared, ...listed].filter((state) => !(state in VIEW_STATES)),
    [],
  );
});

test('every state without rows has its welcome text', () => {
  const welcomed = found(
    /comfydeploy\.view == (\w+)/g,
    contributes.viewsWelcome.map(({ when }) => when),
  );
  assert.deepEqual(sorted([...welcomed, ...WITHOUT_WELCOME]), sorted(Object.keys(VIEW_STATES)));
});

test('until the extension runs the view says that it loads, and not that nobody provides its data', () => {
  const welcomes = contributes.viewsWelcome.filter(({ when }) => when.startsWith('!comfydeploy.view || '));
  assert.deepEqual(
    welcomes.map(({ contents }) => contents),
    ['Loading machines and sessions…'],
  );
});

test('every ability in a when clause is one that a row or the view can have', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('putOnLease', target);
  await world.run('keepAlive', target);
  await world.run('finishThenEnd', target);
  const known = { id: 's', gpuEventId: '', gpu: '', createdAt: 0, minutesAsked: 1 };
  const sessions = [
    { ...known, phase: 'starting', endsAt: 0 },
    { ...known, phase: 'ready', endsAt: 0, url: 'https://x' },
    { ...known, phase: 'undated', url: 'https://x' },
    { ...known, phase: 'ending' },
  ] as unknown as readonly Session[];
  const ofSessions = sessions.flatMap((session) => capabilitiesOf(session).split(' '));
  const ofRows = world.nodes().flatMap((node) => world.item(node).contextValue?.split(' ') ?? []);
  const failed = appState({
    snapshot: ready({ machines: [machine('one', { versionId: 'v' })] }),
    history: { receiptOf: () => undefined, hasFailedStart: () => true },
  });
  const ofMachines = rowsOf(failed, failed).flatMap(({ contextValue }) => contextValue.split(' '));
  const ofView = String(world.editor.contexts.get('comfydeploy.can')).split(' ');
  const wordsOf = (pattern: RegExp) => found(pattern, whens).map((word) => `+${word}`);
  const missing = (words: readonly string[], known: readonly string[]) => words.filter((word) => !known.includes(word));

  assert.deepEqual(missing(wordsOf(/viewItem =~ \/\\\+(\w+)/g), [...ofSessions, ...ofRows, ...ofMachines]), []);
  assert.deepEqual(missing(wordsOf(/comfydeploy\.tab =~ \/\\\+(\w+)/g), ofSessions), []);
  assert.deepEqual(missing(wordsOf(/comfydeploy\.can =~ \/\\\+(\w+)/g), ofView), []);
});

test('every setting that is read is declared for the whole application, and every declared one is read', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openDashboard');
  await world.run('openSession', target);
  const asked = world.run('saveOutputs', target);
  (await world.editor.folderDialog()).dismiss();
  await asked;
  await world.editor.tools.get('comfydeploy_spending')?.invoke({ input: {}, toolInvocationToken: undefined }, NEVER);
  world.editor.texts.open(world.editor.files.write('cat.json', '{}'), '{}');
  await world.advance(1);
  const graph = JSON.stringify(defaultWorkflow);
  world.control.addWorkflow({ name: 'cats', graph });
  const uri = world.editor.files.write('dog.json', graph);
  world.editor.texts.open(uri, graph);
  const pulling = world.run('pullVersion', uri);
  (await world.editor.pick(/^Pull dog from/)).choose('cats');
  await pulling;
  const comparing = world.run('compareWorkflow', uri);
  (await world.editor.pick(/^Compare dog with/)).choose('Newest version');
  await comparing;
  assert.deepEqual(sorted(world.editor.settingsRead), sorted(Object.keys(declaredSettings)));
  assert.deepEqual(
    Object.values(declaredSettings).filter(({ scope }) => scope !== 'application'),
    [],
  );
});

test('a place on this computer is not carried to others, and all else is', () => {
  const properties = Object.entries(declaredSettings);
  const kept = properties.filter(([, setting]) => 'ignoreSync' in setting).map(([name]) => name);
  assert.deepEqual(kept, ['comfydeploy.outputsFolder']);
});

test('the extension wakes up late, and for its own tabs, and needs nothing that is not released', async (t) => {
  assert.deepEqual(sorted(manifest.activationEvents), [
    'onStartupFinished',
    'onUri',
    'onWebviewPanel:comfydeploy.gallery',
    'onWebviewPanel:comfydeploy.session',
  ]);
  assert.ok(!('enabledApiProposals' in manifest));
  const { editor } = await start(t);
  assert.deepEqual(sorted([...editor.serializers.keys()]), ['comfydeploy.gallery', 'comfydeploy.session']);
});

test('a key binding acts on the row that has the focus, while one has it', () => {
  const focused = { $treeViewId: 'comfydeploy.sessions', $focusedTreeItem: true };
  for (const { command, when, args } of contributes.keybindings) {
    assert.match(when, /^focusedView == comfydeploy\.sessions && listFocus && listHasSelectionOrFocus && !inputFocus$/);
    assert.deepEqual(args, [{ from: 'focus' }, focused], command);
  }
});

test('each step of the walkthrough has a picture, and its links run commands that exist', () => {
  const [first, ...others] = contributes.walkthroughs;
  const { steps } = first!;
  assert.deepEqual([steps.length, others], [5, []]);
  for (const { description, media, completionEvents } of steps) {
    const commands = found(/\(command:(comfydeploy\.\w+)\)/g, [description]);
    assert.ok(commands.length > 0);
    for (const command of [...commands, ...found(/^onCommand:(.+)$/g, completionEvents)])
      assert.ok(
        contributes.commands.some((known) => known.command === command),
        command,
      );
    assert.match(fs.readFileSync(media.svg, 'utf8'), /^<svg [^]*<\/svg>\n$/);
    assert.equal(completionEvents.length, 1);
  }
});
