import assert from 'node:assert/strict';
import test from 'node:test';
import type * as vscode from 'vscode';
import type { TreeNode } from '../../../src/sidebar/ui/sessionTree';
import { ThemeColor, TreeItemCollapsibleState, type MarkdownString } from '../../fakes/vscode';
import { ME, MINUTE, start, startWithSession, targetOf, type World } from '../start';

const decorationOf = ({ editor }: World, uri: vscode.Uri | undefined) =>
  uri && editor.decorations[0]?.provideFileDecoration(uri, {} as vscode.CancellationToken);

/** Of a tooltip, in our own words. */
const OWN_LINKS = /^\n\n\[Open\]\(command:comfydeploy\..*$/;

/** What VS Code asks for when the pointer rests on a row. */
function tooltipOf(world: World, node: TreeNode): MarkdownString {
  const item = world.item(node);
  world.view.provider.resolveTreeItem?.(item, node, {} as vscode.CancellationToken);
  return item.tooltip as MarkdownString;
}

test('the tree shows each machine and the sessions on it, counting down', async (t) => {
  const { world } = await startWithSession(t);
  assert.deepEqual(world.rows, ['sd-box: 20m · A10G']);
  await world.advance(MINUTE);
  assert.deepEqual(world.rows, ['sd-box: 19m · A10G']);
});

test('a row that is clicked while VS Code fetches all rows anew is opened once it has them', async (t) => {
  const { world } = await startWithSession(t);
  const [node] = world.nodes();
  const opened = world.editor.run('comfydeploy.openRow');
  await world.advance(1_000);
  assert.deepEqual(world.editor.panels, []);
  world.view.selection = [node!];
  await world.advance(1_000);
  await world.finish(opened);
  assert.equal(world.editor.panels.length, 1);

  world.view.selection = [];
  const dropped = world.editor.run('comfydeploy.openRow');
  await world.advance(MINUTE);
  await world.finish(dropped);
  assert.equal(world.editor.panels.length, 1);
});

test('a row keeps its object for as long as it exists', async (t) => {
  const { world } = await startWithSession(t);
  const before = world.nodes();
  await world.advance(5 * MINUTE);
  assert.deepEqual(
    world.nodes().map((node, index) => node === before[index]),
    [true],
  );
});

test('a machine with one session is one row, and with two a row for each below its own, which VS Code opens', async (t) => {
  const world = await start(t, { furnish: (control) => void control.addMachine({ ...ME, name: 'attic' }) });
  const [machine] = world.control.machines();
  const stateOf = () => {
    const { id = '', collapsibleState } = world.item(world.node('attic'));
    return { id, collapsibleState };
  };
  const empty = stateOf();
  assert.equal(empty.collapsibleState, TreeItemCollapsibleState.None);

  const { id } = await world.control.addSession({ machineId: machine!.id });
  await world.refresh();
  assert.deepEqual(world.rows.length, 1);
  const session = world.node('attic');
  assert.equal(session.id, `session:${id}`);
  await world.control.addSession({ machineId: machine!.id, gpu: 'H100' });
  await world.refresh();
  const busy = stateOf();
  assert.notEqual(busy.id, empty.id, 'to VS Code it is another row, or it would stay as closed as it was');
  assert.equal(busy.collapsibleState, TreeItemCollapsibleState.Expanded);
  assert.deepEqual(
    world.nodes().map(({ kind }) => kind),
    ['machine', 'session', 'session'],
  );
  assert.ok(world.nodes().includes(session), 'and the session is the row it was');
  await world.control.addSession({ machineId: machine!.id, gpu: 'T4' });
  await world.refresh();
  assert.deepEqual(stateOf(), busy, 'a third one changes nothing: who has closed it wants it closed');

  for (const session of world.control.sessions()) await world.control.endSession(session.id);
  await world.refresh();
  assert.deepEqual(stateOf(), empty);
});

test('a refresh that brings nothing new redraws nothing', async (t) => {
  const { world } = await startWithSession(t);
  const redraws = world.view.redraws.length;
  await world.refresh();
  await world.refresh();
  assert.equal(world.view.redraws.length, redraws);
});

test('only the rows that read otherwise are redrawn', async (t) => {
  const { world } = await startWithSession(t);
  const { machineId } = world.control.sessions()[0]!;
  await world.control.addSession({ machineId, gpu: 'H100', minutesLeft: 40.9 });
  await world.refresh();

  assert.equal(world.rows[0], 'sd-box: 20m · 2 sessions');
  assert.equal(world.rows.length, 3, 'VS Code has asked for them');
  const redraws = world.view.redraws.length;
  await world.advance(45_000);
  assert.deepEqual(world.view.redraws.slice(redraws), [[world.node('sd-box'), world.node('A10G')]]);
});

test('while VS Code requests no rows, it is notified once that they changed', async (t) => {
  const { world } = await startWithSession(t);
  const { machineId } = world.control.sessions()[0]!;
  assert.equal(world.rows.length, 1);
  world.view.setVisible(false);
  const redraws = world.view.redraws.length;
  for (const gpu of ['H100', 'L40S', 'T4']) {
    await world.control.addSession({ machineId, gpu, minutesLeft: 40.9 });
    await world.control.addSession({ gpu });
    await world.advance(2 * MINUTE);
  }
  const events = world.view.redraws.slice(redraws);
  assert.equal(events.indexOf(undefined), events.length - 1);
  assert.equal(world.rows.length, 9);
});

test("a first session, in its machine's place, and another order of machines redraw all", async (t) => {
  const world = await start(t, {
    furnish: (control) => {
      control.addMachine({ ...ME, name: 'attic' });
      control.addMachine({ ...ME, name: 'cellar' });
    },
  });
  const [attic, cellar] = world.control.machines().toSorted((a, b) => a.name.localeCompare(b.name));

  await world.control.addSession({ machineId: attic!.id });
  await world.refresh();
  assert.equal(world.view.redraws.at(-1), undefined);

  await world.control.endSession(world.control.sessions()[0]!.id);
  await world.control.addSession({ machineId: cellar!.id });
  await world.refresh();
  assert.equal(world.view.redraws.at(-1), undefined);
  assert.deepEqual(
    world.rows.map((row) => row.split(':')[0]),
    ['cellar', 'attic'],
  );
});

test('what cannot be used is dimmed, and nothing else is', async (t) => {
  const { world } = await startWithSession(t);
  world.control.addMachine({ ...ME, name: 'broken', status: 'error' });
  await world.refresh();

  const decoration = decorationOf(world, world.item(world.node('broken')).resourceUri) as vscode.FileDecoration;
  assert.deepEqual(decoration.color, new ThemeColor('disabledForeground'));
  assert.equal(world.item(world.node('sd-box')).resourceUri, undefined);
  assert.equal(decorationOf(world, { scheme: 'file' } as vscode.Uri), undefined, 'files are not ours to colour');
});

test('a screen reader hears what the icons say', async (t) => {
  const { world } = await startWithSession(t);
  world.control.addMachine({ ...ME, name: 'broken', status: 'error' });
  await world.refresh();
  assert.deepEqual(
    world.nodes().map((node) => world.item(node).accessibilityInformation?.label),
    [
      'Session on sd-box, A10G, ready, 20 minutes left',
      "Machine broken, can't run sessions: build failed, no sessions",
    ],
  );
});

test("a tooltip takes a server's words as text, and never holds the session's address", async (t) => {
  const { world, id } = await startWithSession(t);
  const name = '[x](command:foo) <b onclick="y">&amp; **z**';
  world.control.alterMachine(world.control.machines()[0]!.id, { name });
  world.control.alterSession(id, { gpu: name });
  await world.refresh();

  world.control.addMachine({ ...ME, name });
  await world.refresh();
  const tooltips = world.nodes().map((node) => tooltipOf(world, node));
  assert.equal(tooltips.length, 2);
  for (const tooltip of tooltips) {
    const [before = '', after = ''] = name.replace('](', '] (').split('&');
    const at = tooltip.parts.findIndex(({ kind, value }) => kind === 'text' && value.endsWith(before));
    assert.deepEqual(
      tooltip.parts[at + 1],
      { kind: 'markdown', value: '&amp;' },
      'it is shown, not what it stands for',
    );
    assert.ok(tooltip.parts[at + 2]?.value.startsWith(after));
    const others = tooltip.parts.filter(({ value }) => value !== '&amp;' && !OWN_LINKS.test(value));
    assert.ok(!others.some(({ kind, value }) => kind === 'markdown' && /[[<&]|[^*]z/.test(value)));
    assert.ok(!others.some(({ kind, value }) => kind === 'text' && /&\w+;/.test(value)));
    assert.equal(tooltip.supportHtml, undefined);
    assert.ok(!tooltip.value.includes('tunnel.invalid'));
  }
  const [session, machine] = tooltips;
  const enabledCommands = ['openSession', 'extendSession', 'cancelSession'].map((one) => `comfydeploy.${one}`);
  assert.deepEqual([session?.isTrusted, machine?.isTrusted], [{ enabledCommands }, undefined]);
  assert.ok(!session?.value.replace(OWN_LINKS, '').includes(id), 'what a person reads has no ids');
});

test('the links of a tooltip run what they say, for their session, and ask first', async (t) => {
  const { world, id } = await startWithSession(t);
  const { value } = tooltipOf(world, world.node('sd-box'));
  const links = [...value.matchAll(/\[([^\]]+)\]\(command:([\w.]+)\?([^)]*)\)/g)];
  assert.deepEqual(
    links.map(([, text]) => text),
    ['Open', 'Extend…', 'End…'],
  );
  const [, , command = '', query = ''] = links[2] ?? [];
  const args = JSON.parse(decodeURIComponent(query)) as unknown[];
  assert.deepEqual(args, [{ kind: 'session', sessionId: id }]);
  const ended = world.editor.run(command, ...args);
  const question = await world.editor.message(/^End the session on sd-box/);
  question.dismiss();
  await ended;
  assert.equal(world.control.bill().cancelled, 0);
});

test('a tooltip is of the moment it is asked for', async (t) => {
  const { world } = await startWithSession(t);
  const stateOf = () => /State: ([^ ]+ [^ ]+)/.exec(tooltipOf(world, world.node('sd-box')).value)?.[1];
  assert.equal(stateOf(), '20 min');
  await world.advance(2 * MINUTE);
  assert.equal(stateOf(), '18 min');
});

test('a click opens a session while it can be opened', async (t) => {
  const { world, id } = await startWithSession(t);
  world.control.addMachine({ ...ME, name: 'attic' });
  await world.refresh();
  const node = world.node('sd-box');
  await world.click(node);
  assert.equal(world.editor.panels.length, 1);
  await world.click(world.node('attic'));
  assert.equal(world.editor.panels.length, 1, 'a machine has nothing to open');
  // The command of a row with arguments is forgotten while the row is drawn anew: a click just then would fail.
  assert.equal(world.item(node).command?.arguments, undefined);
  assert.equal(world.view.provider.getParent?.(node), undefined);

  const ending = world.run('cancelSession', targetOf(id));
  (await world.editor.message(/^End/)).press('End Session');
  await world.settled();
  assert.deepEqual(world.rows, ['sd-box: ending (still billing) · A10G', 'attic: A10G']);
  assert.equal(world.item(node).command, undefined);
  await world.advance(10_000);
  await world.finish(ending);
  assert.equal(world.item(node).label, '', 'asked for too late, a gone row is no failure');
});

test('sessions whose machine is gone stand together', async (t) => {
  const { world } = await startWithSession(t);
  world.control.dropMachine(world.control.machines()[0]!.id);
  await world.refresh();
  assert.deepEqual(world.rows, ['Sessions on unlisted machines: ', 'A10G: 20m']);
});

test('machines that cannot host sessions are shown or hidden as the user says', async (t) => {
  const { world } = await startWithSession(t);
  world.control.addMachine({ ...ME, name: 'classic', type: 'classic' });
  await world.refresh();
  const names = () => world.nodes().map((node) => world.item(node).label);
  assert.deepEqual(names(), ['sd-box', 'classic']);

  await world.run('toggleUnavailableMachines');
  assert.deepEqual(names(), ['sd-box']);
  await world.run('toggleUnavailableMachines');
  assert.deepEqual(names(), ['sd-box', 'classic']);
});
