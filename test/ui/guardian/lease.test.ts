import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type * as vscode from 'vscode';
import { timeOfDay } from '../../../src/platform/durations';
import { ours } from '../../../src/platform/ui/ours';
import { ME, MINUTE, start, startWithSession, type World } from '../start';
import { say } from '../tabPage';

const HOURS = { seconds: 24 * 3_600 };
const row = (world: World) => world.rows[0] ?? '';
const notices = ({ editor }: World) => editor.messages.filter(({ options }) => !options.modal).map(({ text }) => text);

/** A session that was started as a lease with the keyboard alone; its tab is in front. */
async function startLeased(t: TestContext, gpu = 'A10G') {
  const world = await start(t, {
    comfyUi: true,
    furnish: (control) => {
      control.addMachine({ ...ME, name: 'sd-box' });
    },
  });
  const created = world.run('createSession');
  (await world.editor.pick(/On which machine/)).choose('sd-box');
  (await world.editor.pick(/Which GPU/)).choose(gpu);
  const lengths = await world.editor.pick(/For how long/);
  lengths.enter();
  await world.advance(MINUTE);
  await world.finish(created);
  const { id } = world.control.sessions().at(-1)!;
  const record = () => world.control.session(id)!;
  const left = () => (record().deadline! - world.control.now()) / MINUTE;
  const isBilled = () => record().endedAt === null;
  return { world, id, lengths, record, left, isBilled, target: { kind: 'session', sessionId: id } };
}

/** The tooltip that VS Code requests when the pointer rests on the row. */
function tooltipOf(world: World): string {
  const node = world.nodes()[0]!;
  const item = world.item(node);
  world.view.provider.resolveTreeItem?.(item, node, {} as vscode.CancellationToken);
  return (item.tooltip as vscode.MarkdownString).value;
}

/** Nobody looks at the tab any more. */
function lookAway(world: World): void {
  world.editor.panels.at(-1)?.move({ active: false, visible: false });
}

test('a lease is the first choice, and selected; it says what it comes to at most', async (t) => {
  const { lengths, world, record } = await startLeased(t);
  assert.equal(lengths.labels[0], 'As long as I use it');
  assert.equal(lengths.describe('As long as I use it'), 'renewed 15 min at a time, at most 4 h or about $4.86');
  assert.equal(record().timeoutMinutes, 15);
  assert.match(row(world), /^sd-box: 1[34]m · A10G.*· on lease, renewed while used$/);
  assert.match(tooltipOf(world), /Lease: 15 min at a time \(about \$0\.31\), until .+ at the latest/);
});

for (const [creditDollars, most] of [
  [3, '30 min'],
  [12, '4 h'],
] as const)
  test(`on the free plan, with $${creditDollars} left, what is possible is offered`, async (t) => {
    const world = await start(t, {
      furnish: (control) => {
        control.addMachine({ ...ME, name: 'sd-box' });
        control.setAccount(ME, { plan: 'free', creditDollars });
      },
    });
    const asking = world.run('newSession');
    (await world.editor.pick(/On which machine/)).choose('sd-box');
    (await world.editor.pick(/Which GPU/)).enter();
    const lengths = await world.editor.pick(/On the free plan, a session (lasts|starts with) 30 min at most\./);
    assert.deepEqual(lengths.labels, ['As long as I use it', '2 min', '15 min', '30 min']);
    assert.match(
      lengths.describe('As long as I use it') ?? '',
      new RegExp(`^renewed 15 min at a time, at most ${most} or`),
    );
    lengths.type('31');
    assert.match(lengths.labels.join(), /^On the free plan, a session (lasts|starts with) 30 min at most\.$/);
    lengths.type('29');
    assert.match(lengths.labels.join(), /^29 min/);
    lengths.hide();
    await asking;
  });

test('when it ends when idle is marked as the current choice, and never is none', async (t) => {
  const { world, target } = await startLeased(t);
  const asking = world.run('endWhenIdle', target);
  const lengths = await world.editor.pick(/When Idle/);
  assert.deepEqual(
    lengths.labels.map((label) => `${label} ${lengths.describe(label) ?? ''}`.trim()),
    ['After 5 min', 'After 10 min', 'After 15 min current', 'After 30 min', 'After 1 h'],
  );
  lengths.hide();
  await asking;
});

test('nothing is asked for that the free plan refuses: it is said', async (t) => {
  const { world, isBilled, record, target } = await startLeased(t);
  world.control.setAccount(ME, { plan: 'free', creditDollars: 3 });
  await world.advance(26 * MINUTE);
  const inAll = (record().deadline! - record().createdAt) / MINUTE;
  assert.ok(inAll > 28.5 && inAll <= 30, `${inAll} min in all`);
  assert.match(
    notices(world).join('|'),
    /^A10G on sd-box is in use and ends at .+ On the free plan, a session lasts 30 min at most\.$/,
  );
  assert.deepEqual((await world.editor.message(/is in use/)).buttons, ['Save and End', 'Dismiss']);
  const asking = world.run('extendSession', ours({ ...target, minutes: 5 }));
  assert.equal(
    (await world.editor.message(/^sd-box/)).text,
    'sd-box (A10G) was not extended: On the free plan, a session lasts 30 min at most.',
  );
  await asking;
  await world.advance(5 * MINUTE);
  assert.equal(isBilled(), false);
});

test('while its tab is in front it is renewed, quietly; then it is left to end, which is said, and the history knows', async (t) => {
  const { world, left, isBilled } = await startLeased(t);
  await world.advance(60 * MINUTE);
  assert.ok(isBilled() && left() > 5 - 1.5 && left() <= 15, `${left()} min left`);
  assert.deepEqual(notices(world), []);
  assert.equal(world.status.backgroundColor, undefined);

  lookAway(world);
  await world.advance(15 * MINUTE);
  assert.equal(isBilled(), false);
  assert.match(notices(world)[0] ?? '', /^A10G on sd-box is not in use\. Its lease is not renewed, so it ends at /);
  const receipts = await world.files('history.jsonl').read();
  assert.match(receipts, /"moved".*"by":"guardian".*"why":"lease"/);
});

test('who works in the page, where VS Code sees neither keys nor clicks, keeps it; a focus that was left there does not', async (t) => {
  const { world, left, isBilled } = await startLeased(t);
  const panel = world.editor.panels.at(-1)!;
  const leaveAlone = (focused: boolean) => (world.editor.state = { focused, active: false });
  leaveAlone(true);
  say(panel, 'entered');
  for (let n = 0; n < 3; n++) {
    say(panel, 'changed');
    await world.advance(9 * MINUTE);
  }
  assert.ok(isBilled() && left() > 5 - 1.5, `${left()} min left`);
  assert.deepEqual(notices(world), []);
  await world.advance(26 * MINUTE);
  assert.equal(isBilled(), false, 'nobody has moved for half an hour');
});

for (const [what, go] of [
  ['the focus is elsewhere', (world: World) => say(world.editor.panels.at(-1)!, 'left')],
  ['the window is behind another', (world: World) => void (world.editor.state = { focused: false, active: false })],
] as const)
  test(`a page is not worked in when ${what}`, async (t) => {
    const { world, isBilled } = await startLeased(t);
    world.editor.state = { focused: true, active: false };
    const panel = world.editor.panels.at(-1)!;
    say(panel, 'entered');
    go(world);
    for (let n = 0; n < 4; n++) {
      say(panel, 'changed');
      await world.advance(5 * MINUTE);
    }
    assert.equal(isBilled(), false);
  });

for (const focused of [true, false])
  test(`what ends by itself in a window ${focused ? 'in use' : 'that nobody looks at'} is told before, and after, with its total`, async (t) => {
    const { world, id, isBilled } = await startLeased(t);
    lookAway(world);
    world.editor.setFocused(focused);
    await world.advance(10.5 * MINUTE);
    const before = await world.editor.message(/^A10G on sd-box is not in use\. Its lease is not renewed/);
    assert.ok(before.isStanding && before.buttons.includes('Keep'));
    await world.advance(6 * MINUTE);
    assert.equal(isBilled(), false);
    assert.ok(!world.editor.messages.some(({ text, isStanding }) => isStanding && text.includes('not in use')));
    const after = notices(world).filter((text) => text.startsWith('Ended'));
    assert.match(after.join('|'), /^Ended A10G on sd-box: time ran out\. Total cost: about \$0\.\d\d\.$/);
    assert.ok(world.control.session(id)!.endedAt !== null);
  });

test('that runs may not finish is said as long as that is true, whatever is renewed meanwhile', async (t) => {
  const { world, id, left } = await startLeased(t);
  world.editor.configure('comfydeploy.lease.most', 0.5);
  const comfyUi = world.control.comfyUi(id)!;
  const minutes = async (count: number, until = () => false) => {
    for (let n = 0; n < count && !until(); n++) await world.advance(MINUTE);
  };
  for (let n = 0; n < 2; n++) {
    comfyUi.startJob(HOURS);
    await minutes(1);
    await comfyUi.finishJob();
    await minutes(0.5);
  }
  comfyUi.startJob(HOURS);
  for (let n = 0; n < 60; n++) comfyUi.startJob(HOURS);
  await minutes(5, () => notices(world).length > 0);
  await world.advance(MINUTE);
  const notice = await world.editor.message(/of 61 queued runs may not finish/);
  assert.ok(left() > 20, `${left()} min left`);
  assert.equal(notice.isStanding, true);
  await minutes(3);
  assert.equal(notice.isStanding, true);
  while (comfyUi.queueRemaining > 0) await comfyUi.finishJob();
  await minutes(2);
  assert.equal(notice.isStanding, false);
});

test('Keep in the notice renews it once more', async (t) => {
  const { world, left, isBilled } = await startLeased(t);
  lookAway(world);
  await world.advance(10.5 * MINUTE);
  const notice = await world.editor.message(/is not in use/);
  assert.deepEqual(notice.buttons, ['Keep', 'Save and End', 'Mute', 'Dismiss']);
  notice.press('Keep');
  await world.advance(MINUTE);
  assert.ok(isBilled() && left() > 13, `${left()} min left`);
  await world.advance(16 * MINUTE);
  assert.equal(isBilled(), false);
});

test('a render goes on, whoever looks; when it is done, no more than a lease is paid for', async (t) => {
  const { world, id, isBilled } = await startLeased(t);
  lookAway(world);
  const comfyUi = world.control.comfyUi(id)!;
  comfyUi.startJob(HOURS);
  await world.advance(50 * MINUTE);
  assert.equal(isBilled(), true);
  await comfyUi.finishJob();
  await world.advance(15.5 * MINUTE);
  assert.equal(isBilled(), false);
});

test('it lasts as long as the settings allow, which is said', async (t) => {
  const { world, isBilled } = await startLeased(t);
  world.editor.configure('comfydeploy.lease.most', 0.5);
  await world.advance(27 * MINUTE);
  const notice = await world.editor.message(/renewed for as long as your settings allow/);
  assert.deepEqual(notice.buttons, ['Extend 15 min', 'Extend 1 h', 'Dismiss']);
  await world.advance(5 * MINUTE);
  assert.equal(isBilled(), false);
});

test('a queue that cannot be read is worth one lease, which is said', async (t) => {
  const { world, id, isBilled } = await startLeased(t);
  lookAway(world);
  await world.advance(MINUTE);
  world.control.comfyUi(id)!.refuse('/prompt', 502);
  await world.advance(16 * MINUTE);
  assert.equal(isBilled(), true);
  assert.match(
    notices(world).join('\n'),
    /The queue of A10G on sd-box cannot be read, so its lease was renewed once, to /,
  );
  await world.advance(16 * MINUTE);
  assert.equal(isBilled(), false);
});

test('Repeat Last Session, and the next question, repeat the lease', async (t) => {
  const { world, record, target } = await startLeased(t);
  const ended = world.run('cancelSession', target);
  (await world.editor.message(/^End the session/)).press('End Session');
  await world.advance(MINUTE);
  await world.finish(ended);
  assert.ok(record().endedAt !== null);

  const again = world.run('createSameSession');
  (await world.editor.message(/^Start A10G on sd-box for as long as you use it\?/)).press('Start');
  await world.advance(MINUTE);
  await world.finish(again);
  assert.equal(world.control.sessions().at(-1)?.timeoutMinutes, 15);
  assert.match(row(world), /on lease, renewed while used/);
  const asked = world.run('createSession');
  const machines = await world.editor.pick(/On which machine/);
  assert.match(machines.describe('Same as Last Time') ?? '', /A10G · as long as I use it · \$1\.22 an hour/);
  machines.hide();
  await asked;
});

test('a session that runs is put on a lease and taken off it, and it is said what that cannot change', async (t) => {
  const { world, id, target } = await startWithSession(t, { minutesLeft: 90 }, { comfyUi: true });
  const ends = timeOfDay(world.control.session(id)!.deadline!);
  await world.run('putOnLease', target);
  const note = await world.editor.message(/A session cannot be made shorter/);
  assert.ok(note.text.includes(`is paid until ${ends}, unless it is ended`), note.text);
  assert.match(row(world), /on lease, renewed while used$/);
  assert.match(world.item(world.nodes()[0]!).contextValue ?? '', /\+leased/);
  await world.run('takeOffLease', target);
  assert.equal(world.editor.statusMessages.at(-1), `Off lease: ends at ${ends}`);
  assert.doesNotMatch(row(world), /on lease/);

  await world.run('putOnLease', target);
  await world.advance(17 * MINUTE);
  assert.equal(world.control.bill().sessions[0]?.open, false, 'what nobody uses is not paid for until its end');
});
