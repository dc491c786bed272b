import assert from 'node:assert/strict';
import test from 'node:test';
import { SessionSaver } from '../../../src/outputs/sessionSaver';
import { appState, session } from '../../fakes/appState';
import { ManualClock } from '../../fakes/manualClock';
import { LogBook, sessionId } from '../../fakes/setup';

test('what another window saves is not saved here at the same time', async () => {
  const never = () => assert.fail('nothing is asked or opened');
  const clock = new ManualClock();
  const disk = { absolute: never, folder: never, whyNotWritable: never };
  const saving = () => appState({ saving: new Set([sessionId('one')]) });
  const saver = new SessionSaver({
    appState: saving,
    disk,
    clock,
    fetch: never,
    canvasOf: never,
    log: new LogBook(),
    random: () => 0,
  });
  const order = { into: '/renders', signal: new AbortController().signal, progress: never };
  await assert.rejects(saver.save(session('one'), order), { kind: 'refused', message: /are already being saved/ });
  assert.deepEqual(saver.busy, []);
});
