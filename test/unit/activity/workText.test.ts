import assert from 'node:assert/strict';
import test from 'node:test';
import type { Activity, Work } from '../../../src/comfydeploy/model';
import { rowsOf } from '../../fakes/treeRows';
import { statusOf } from '../../../src/sidebar/status';
import { sessionTooltip } from '../../../src/sidebar/tooltips';
import { vramText } from '../../../src/activity/workText';
import { appState, MINUTE, NOW, ready, session } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';
import { SECOND, GIB, idle, rendering, work } from './workText';

/** What each surface shows of a session with half an hour left and this activity. */
function said(doing: Work | undefined) {
  const one = session('s');
  const snapshot = ready({ sessions: [one] });
  const all = appState({ snapshot, work: new Map(doing && [[sessionId('s'), doing]]) });
  const row = rowsOf(all, all).find(({ kind }) => kind === 'session');
  const lines = new Map(sessionTooltip(one, snapshot, all).lines);
  const status = statusOf(all, all);
  return {
    row: row?.description,
    ariaLabel: row?.ariaLabel,
    work: lines.get('Activity'),
    status: status?.tooltip.lines[0]?.[1],
    statusText: status?.text,
    statusLabel: status?.ariaLabel,
    icon: row?.icon.id,
    statusIcon: status?.icon,
  };
}

test('a row says what its session is doing, in whole minutes, and a tooltip says more', () => {
  const table: readonly (readonly [Activity, row: string, tooltip: string])[] = [
    [idle(0), 'idle', 'idle'],
    [idle(0.99), 'idle', 'idle'],
    [idle(1), 'idle for 1 min', 'idle for 1 min'],
    [idle(12.9), 'idle for 12 min', 'idle for 12 min'],
    [idle(72), 'idle for 1 h 12 min', 'idle for 1 h 12 min'],
    [rendering(0), 'rendering', 'rendering'],
    [rendering(2, 3), 'rendering, 2 queued', 'rendering for 3 min, 2 queued'],
  ];
  for (const [activity, row, tooltip] of table) {
    const all = said(work(activity));
    assert.equal(all.row, `30m · A10G · ${row}`);
    assert.equal(all.status, `30 min left · ${row}`);
    assert.equal(all.work, `${tooltip} · 18 of 24 GB of video memory`);
    const icon = activity.kind === 'rendering' ? 'play-circle' : 'vm-running';
    assert.deepEqual([all.icon, all.statusIcon, all.statusText], [icon, 'vm-running', 'Machine one 30 min']);
  }
});

test('a screen reader says it in words', () => {
  const { ariaLabel, statusLabel } = said(work(idle(12)));
  assert.match(ariaLabel ?? '', /ready, 30 minutes left, idle for 12 minutes$/);
  assert.match(statusLabel ?? '', /30 minutes left, idle for 12 minutes, click for what can be done with it$/);
});

test('what is not known is not in the row, and only the tooltip speaks of it', () => {
  const nothing = { ...said(undefined), work: undefined };
  assert.deepEqual(said(undefined), nothing);
  assert.equal(nothing.row, '30m · A10G');
  const unknown = work({ kind: 'unknown' }, { vram: undefined });
  assert.deepEqual(said(unknown), { ...nothing, work: "can't be read" });
});

test('one failed look changes no word; a minute without an answer does', () => {
  const failing = { kind: 'unknown', last: idle(12) } as const;
  assert.deepEqual(said(work(failing, { readAt: NOW - 59 * SECOND })), said(work(idle(12))));
  for (const activity of [failing, idle(12), rendering(2)]) {
    const late = said(work(activity, { readAt: NOW - MINUTE }));
    assert.equal(late.row, '30m · A10G');
    assert.equal(late.work, "can't be read");
  }
});

test('small amounts of memory are shown to a tenth', () => {
  const text = (used: number) => vramText(work(idle(0), { vram: { used: used * GIB, total: 80 * GIB } }), NOW);
  assert.deepEqual([0.6, 9.94, 9.96, 79.4].map(text), ['0.6 of 80 GB', '9.9 of 80 GB', '10 of 80 GB', '79 of 80 GB']);
});
