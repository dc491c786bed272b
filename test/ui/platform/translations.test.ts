import assert from 'node:assert/strict';
import test from 'node:test';
import { ours } from '../../../src/platform/ui/ours';
import { ME, start, startWithSession, targetOf } from '../start';

/** As VS Code passes them: the text in the code, and its translation. */
const GERMAN = {
  '{0} min': '{0} Min.',
  '{0} left': 'noch {0}',
  '{0}m/Minutes, as short as can be: 24m': '{0} Min.',
  'about {0}': 'etwa {0}',
  '{0}: {1} would exceed your spending limit of {2}./{0} is Today, This month, or The session; {1} is what it would cost':
    '{0}: {1}; Ihr Ausgabenlimit ist {2}.',
  'The session': 'Die Sitzung',
  'Extend Anyway': 'Trotzdem verlängern',
  '{0} could not be reached.': '{0} ist nicht erreichbar.',
  'Sign In to ComfyDeploy': 'Bei ComfyDeploy anmelden',
};

const germanWindow = { language: 'de', translations: GERMAN };

test('in the language of VS Code come rows, what a screen reader says, a question and its buttons, and a failure', async (t) => {
  const id = { of: '' };
  const world = await start(t, {
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
      id.of = (await control.addSession({ machineId, minutesLeft: 20.5, minutesOld: 10 })).id;
    },
    window: ({ editor }) => void Object.assign(editor, germanWindow),
  });
  assert.deepEqual(world.rows, ['sd-box: 20 Min. · A10G']);
  const [ariaLabel] = world
    .nodes()
    .flatMap((node) => /noch.*/.exec(world.item(node).accessibilityInformation?.label ?? '') ?? []);
  assert.equal(ariaLabel, 'noch 20 Minuten');

  world.editor.configure('comfydeploy.maxCostPerSession', 1);
  const extending = world.run('extendSession', ours({ ...targetOf(id.of), minutes: 60 }));
  const question = await world.editor.message(/Ausgabenlimit/);
  assert.match(question.text, /^Die Sitzung: etwa \$1\.8\d; Ihr Ausgabenlimit ist \$1\.00\.$/);
  assert.deepEqual(question.buttons, ['Trotzdem verlängern']);
  world.control.fault({
    method: 'POST',
    path: '/api/session/:id/increase-timeout',
    times: 1,
    effect: { kind: 'reset', when: 'before' },
  });
  question.press('Trotzdem verlängern');
  await extending;
  assert.match((await world.editor.message(/erreichbar/)).text, /: ComfyDeploy ist nicht erreichbar\.$/);
  assert.equal(world.control.bill().extended, 0);
});

test('what a translation lacks, and a window without one, come in English', async (t) => {
  const { world } = await startWithSession(t);
  assert.deepEqual(world.rows, ['sd-box: 20m · A10G']);
  const signingIn = world.run('signIn');
  const box = await world.editor.pick(/How do you want to sign in/);
  assert.equal(box.title, 'Sign In to ComfyDeploy');
  box.hide();
  await signingIn;
});
