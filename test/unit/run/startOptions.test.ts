import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStartOptions } from '../../run/startOptions';

test('npm start without options leaves the choice of VS Code open and signs in to the demo world', () => {
  assert.deepEqual(parseStartOptions([]), {
    where: 'either',
    vscode: undefined,
    preset: undefined,
    world: 'demo',
    signedIn: true,
    port: undefined,
    open: true,
  });
});

test('naming a VS Code means a desktop', () => {
  const options = parseStartOptions(['--vscode', '/opt/codium']);
  assert.ok(options !== 'help');
  assert.equal(options.where, 'desktop');
  assert.equal(options.vscode, '/opt/codium');
});

test('asking for help asks for nothing else', () => {
  assert.equal(parseStartOptions(['--browser', '--desktop', '-h']), 'help');
});

for (const [args, sentence] of [
  [['--browser', '--desktop'], /either --browser or a desktop/],
  [['--browser', '--vscode', '/opt/codium'], /either --browser or a desktop/],
  [['--oldest', '--newest'], /either --newest or --oldest/],
  [['--world', 'moon'], /demo or empty/],
  [['--port', '0'], /1 to 65535/],
  [['--port', 'http'], /1 to 65535/],
  [['--dekstop'], /--dekstop/],
] as const) {
  test(`npm start refuses ${args.join(' ')}`, () => {
    assert.throws(() => parseStartOptions(args), sentence);
  });
}
