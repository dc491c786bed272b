import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import manifest from '../../package.json';
import { declaredSettings } from '../fakes/declaredSettings';
import { COMMANDS } from '../../src/platform/ui/commands';
import { tooltipMarkdown } from '../../src/platform/ui/shown';

const id = `${manifest.publisher}.${manifest.name}`;

suite('The extension', () => {
  const unhandled: string[] = [];
  const note = (reason: unknown) => {
    const stack = reason instanceof Error ? (reason.stack ?? '') : String(reason);
    if (/dist[\\/]extension\.js/.test(stack)) unhandled.push(stack);
  };
  suiteSetup(() => void process.on('unhandledRejection', note));
  suiteTeardown(() => void process.off('unhandledRejection', note));

  test('is present and activates', async () => {
    const extension = vscode.extensions.getExtension(id);
    assert.ok(extension, `${id} is not installed`);
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  test('registers every command it names, and its view', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const named = [...COMMANDS.map((name) => `comfydeploy.${name}`), 'comfydeploy.sessions.focus'];
    assert.deepEqual(
      named.filter((command) => !registered.has(command)),
      [],
    );
  });

  test('shows its view without an unhandled failure', async () => {
    await vscode.commands.executeCommand('comfydeploy.sessions.focus');
    await vscode.commands.executeCommand('comfydeploy.refresh');
    assert.deepEqual(unhandled, []);
  });

  test('gives every setting its default', () => {
    const configuration = vscode.workspace.getConfiguration();
    for (const [name, declared] of Object.entries(declaredSettings))
      assert.deepEqual(configuration.inspect(name)?.defaultValue, declared.default, name);
  });

  test("escapes a server's words in a tooltip, so that no link and no tag is left", () => {
    const name = '[x](command:foo) <img src=y> **z** `c`';
    const { value, isTrusted, supportHtml } = tooltipMarkdown({ title: name, lines: [[name, name]], note: name });
    assert.doesNotMatch(value, /[^\\]\]\(/);
    assert.doesNotMatch(value, /<img[^\\]*>/);
    assert.doesNotMatch(value, /[^\\*]\*\*z/);
    assert.ok(!isTrusted && !supportHtml);
  });
});
