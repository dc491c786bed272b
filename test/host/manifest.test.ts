import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import * as z from 'zod';
import manifest from '../../package.json';

const Contributions = z.looseObject({ commands: z.array(z.looseObject({ command: z.string() })).default([]) });
const id = `${manifest.publisher}.${manifest.name}`;

suite('The extension', () => {
  test('is present and activates', async () => {
    const extension = vscode.extensions.getExtension(id);
    assert.ok(extension, `${id} is not installed`);
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  test('registers every command its manifest names', async () => {
    await vscode.extensions.getExtension(id)?.activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    const contributions: unknown = 'contributes' in manifest ? manifest.contributes : {};
    const named = Contributions.parse(contributions).commands.map(({ command }) => command);
    assert.deepEqual(
      named.filter((command) => !registered.has(command)),
      [],
    );
  });
});
