import assert from 'node:assert/strict';
import test from 'node:test';
import { OutputsFolder } from '../../../src/outputs/ui/outputsFolder';
import { SessionSaver } from '../../../src/outputs/sessionSaver';
import { guardSettingsFrom } from '../../../src/guardian/guardSettings';
import { SavingBeforeEnd } from '../../../src/guardian/ui/savingBeforeEnd';
import { Settings } from '../../../src/platform/ui/settings';
import { disk } from '../../../src/platform/node/outputFolder';
import { appState, NOW, ready, session } from '../../fakes/appState';
import { ManualClock } from '../../fakes/manualClock';
import { LogBook } from '../../fakes/setup';
import { turn, until } from '../../fakes/until';
import { openEditor } from '../../fakes/vscode/editor';

for (const isConfirmed of [true, false]) {
  test(`outputs are ${isConfirmed ? '' : 'not '}saved unasked by a window whose lead is ${isConfirmed ? '' : 'not '}confirmed`, async (t) => {
    const editor = openEditor();
    editor.configure('comfydeploy.saveOutputs', 'atEnd');
    editor.configure('comfydeploy.outputsFolder', '/nowhere/at/all');
    const clock = new ManualClock();
    let asked = 0;
    const fetch = () => {
      asked++;
      return Promise.reject(new TypeError('fetch failed'));
    };
    const now = NOW;
    const one = session('one', { left: 1 });
    const known = () => appState({ snapshot: ready({ sessions: [one] }), now, localNow: now });
    const web = { clock, fetch, log: new LogBook(), random: () => 0 };
    const saver = new SessionSaver({ ...web, disk, appState: known, canvasOf: () => Promise.resolve(undefined) });
    const leadership = { isLeader: true, confirm: () => Promise.resolve(isConfirmed) };
    const settings = new Settings();
    const saving = new SavingBeforeEnd({
      appState: known,
      leadership,
      saver,
      outputsFolder: new OutputsFolder(settings, disk),
      guardSettings: settings.reading(guardSettingsFrom),
      clock,
      report: (error) => assert.fail(String(error)),
    });
    t.after(() => [saving, settings].forEach((each) => each.dispose()));
    saving.redraw();
    if (isConfirmed) return until('a request', () => asked > 0).then(() => undefined);
    for (let n = 0; n < 50; n++) await turn();
    assert.deepEqual([asked, saver.busy], [0, []]);
  });
}
