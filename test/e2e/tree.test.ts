import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Simulator } from '../simulator/simulator';
import { PERSON } from '../simulator/demoWorld';
import { untilRows, withScene, type Scene } from './scene';

const BUSY = [/^flux-studio \d\dm · starting · L4$/, /^sd-box \d\dm · A10G · idle/] as const;
const UNUSABLE = ['attic classic machine, sessions not supported', 'broken-nodes build failed'] as const;
const IDLE = 'video-lab H100';
const STRAY = ['Sessions on unlisted machines', /^T4 2[34]m · idle/] as const;
const ALL = [...BUSY, ...UNUSABLE, IDLE, ...STRAY];

const GUARD = [
  'Put Session on Lease',
  'Keep Session Alive While Rendering',
  'End Session When Idle…',
  'End Session at a Time…',
  'End Session When Queue Is Empty',
];

test('the tree offers what can be done with each row, is searched and filtered, and keeps its shape', async () => {
  await withScene({ furnish, signedInAs: 'demo' }, async (scene) => {
    await untilRows(scene.window, ALL);
    await offerWhatCanBeDone(scene);
    await findByTyping(scene);
    await hideWhatIsOfNoUse(scene);
    await keepItsShape(scene);
    await actFromTheStatusBar(scene);
    await extendFromTheWarning(scene);
    await endByKey(scene);
    const { created, extended, cancelled } = scene.control.bill();
    assert.deepEqual({ created, extended, cancelled }, { created: 0, extended: 1, cancelled: 1 });
  });
});

/** Sessions that start keep starting, and ended ones keep ending. */
async function furnish({ control }: Simulator): Promise<void> {
  const add = (name: string, input = {}) => control.addMachine({ ...PERSON, name, ...input });
  control.set({ startUpMs: null, stopMs: 600_000 });
  const sdBox = add('sd-box');
  const fluxStudio = add('flux-studio', { gpu: 'L4' });
  const gone = add('gone', { gpu: 'T4' });
  add('video-lab', { gpu: 'H100' });
  add('attic', { type: 'classic', gpu: null });
  add('broken-nodes', { status: 'error' });
  await control.addSession({ machineId: sdBox.id, minutesLeft: 40.2 });
  await control.addSession({ machineId: fluxStudio.id, state: 'starting', minutesOld: 0, minutesLeft: 30 });
  await control.addSession({ machineId: gone.id, minutesLeft: 24.2 });
  control.dropMachine(gone.id);
}

async function offerWhatCanBeDone({ window }: Scene): Promise<void> {
  const open = ['Open Session', 'Open Session to the Side'];
  const machine = ['Show Machine Activity (24 h)', 'Show Build Log', 'Open Machine in Dashboard'];
  const saves = [
    ...['Save Outputs…', 'Save Workflow from Session…', 'Save as Version on ComfyDeploy…'],
    'Open Gallery',
  ];
  const ready = [...open, 'Open Session in Browser', 'Show Session Log', 'Extend Session…', ...GUARD, ...saves];
  const byId = ['Copy Session ID', 'Copy Link to Session'];
  const copies = ['Copy Session Address', ...byId];
  const ends = ['Save and End Session…', 'End Session…'];
  // Where a session's row also stands for its machine, it also offers the machine's commands.
  const onMachine = ['New Session…', ...machine];
  assert.deepEqual(await window.rowMenuTitles(/sd-box.*A10G/), [...ready, ...copies, ...onMachine, ...ends]);
  assert.deepEqual(await window.rowMenuTitles(/T4.*2\dm/), [...ready, ...copies, ...ends]);
  const starting = [...open, 'Show Session Log', 'Extend Session…', ...byId, ...onMachine, 'End Session…'];
  assert.deepEqual(await window.rowMenuTitles(/starting/), starting);
  assert.deepEqual(await window.rowMenuTitles('video-lab'), onMachine);
  assert.deepEqual(await window.rowMenuTitles('attic'), machine);
}

async function findByTyping({ window }: Scene): Promise<void> {
  await window.row('video-lab').click();
  await window.page.keyboard.press('ControlOrMeta+Alt+F');
  await window.sideBar.locator('.monaco-tree-type-filter').waitFor();
  await window.page.keyboard.type('attic');
  await window.sideBar.locator('.monaco-list-row .highlight', { hasText: 'attic' }).waitFor();
  await window.page.keyboard.press('Escape');
}

async function hideWhatIsOfNoUse({ window }: Scene): Promise<void> {
  await window.viewMenu('✓ Show Unavailable Machines');
  await untilRows(window, [...BUSY, IDLE, ...STRAY]);
  await window.viewMenu('Show Unavailable Machines');
  await untilRows(window, ALL);
}

async function keepItsShape({ window, control }: Scene): Promise<void> {
  const [group] = STRAY;
  await window.row(group).locator('.monaco-tl-twistie').click();
  await window.row('attic').click();
  control.addMachine({ ...PERSON, name: 'newcomer' });
  await window.viewAction('Refresh');
  await untilRows(window, [...BUSY, ...UNUSABLE, 'newcomer A10G', IDLE, group]);
  assert.equal(await window.row('attic').getAttribute('aria-selected'), 'true');
  await window.row(group).locator('.monaco-tl-twistie').click();
  await window.row(/T4.*2\dm/).waitFor();
}

async function actFromTheStatusBar({ window }: Scene): Promise<void> {
  await window.statusItem(/T4 2\d min/).click();
  await window.choose('A10G on sd-box');
  await window.choice('Open').waitFor();
  const ends = ['End…', 'Save Outputs…', 'Save Workflow…', 'Save and End…'];
  const guard = ['On Lease', ...GUARD.slice(1).map((title) => title.replace(' Session', ''))];
  assert.deepEqual(await window.choices(), ['Open', 'Extend…', ...guard, ...ends, 'Open in Browser', 'Show Log']);
  await window.page.keyboard.press('Escape');
}

async function extendFromTheWarning({ window, control }: Scene): Promise<void> {
  const newcomer = control.machines().find(({ name }) => name === 'newcomer');
  await control.addSession({ machineId: newcomer?.id ?? null, minutesLeft: 4.5 });
  await window.viewAction('Refresh');
  const warning = await window.notice('A10G on newcomer ends at');
  await warning.press('Extend 15 min');
  await window.row(/newcomer.*1\dm/).waitFor();
}

/** The key acts on the row with the focus; a session that is ending offers nothing that would fail. */
async function endByKey({ window, control }: Scene): Promise<void> {
  await window.row('attic').click();
  await window.page.keyboard.press('ArrowUp');
  await window.sideBar.locator('.monaco-list-row.focused', { hasText: 'sd-box' }).waitFor();
  await window.page.keyboard.press('Delete');
  const question = window.dialog('End the session on sd-box (A10G)');
  await question.waitFor();
  await window.page.keyboard.press('Escape');
  await question.locator.waitFor({ state: 'detached' });
  assert.equal(control.bill().cancelled, 0);

  await window.page.keyboard.press('Delete');
  await question.press('End Session');
  await window.row('ending (still billing)').waitFor();
  const left = (await window.rowMenuTitles('ending (still billing)')).slice(0, 4);
  assert.deepEqual(left, ['Show Session Log', 'Copy Session ID', 'Copy Link to Session', 'New Session…']);
}
