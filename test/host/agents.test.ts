import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import * as z from 'zod';
import manifest from '../../package.json';
import { defaultPrompt } from '../simulator/comfyui/page/defaultGraph';
import type { Simulator } from '../simulator/simulator';
import { answered, ME, signIn, startAccount, until } from './account';

const Facts = z.record(z.string(), z.unknown());

/** Under test VS Code answers yes where it asks for a tool. */
async function told(name: string, input: object = {}) {
  const options = { input, toolInvocationToken: undefined };
  const { content } = await vscode.lm.invokeTool(`comfydeploy_${name}`, options);
  const [text, ...pictures] = content;
  assert.ok(text instanceof vscode.LanguageModelTextPart);
  const facts: unknown = JSON.parse(text.value);
  return { facts: Facts.parse(facts), text: text.value, pictures };
}

suite('Agents', () => {
  let account: Simulator;
  const running = () => account.control.sessions().filter(({ endedAt }) => endedAt === null).length;

  suiteSetup(async () => {
    account = await startAccount();
    account.control.addMachine({ ...ME, name: 'sd-box', gpu: 'T4' });
    await signIn(account);
    await until('the machines', () => answered(account.control, '/api/machines/all') > 1);
    await vscode.workspace.fs.writeFile(inWorkspace('cat.json'), Buffer.from(JSON.stringify(defaultPrompt(5))));
  });
  suiteTeardown(async () => {
    await vscode.commands.executeCommand('comfydeploy.signOut');
    await account.close();
  });

  test('are offered every tool of the manifest', () => {
    const offered = vscode.lm.tools.map(({ name }) => name);
    for (const { name, inputSchema } of manifest.contributes.languageModelTools) {
      assert.ok(offered.includes(name), name);
      assert.deepEqual(vscode.lm.tools.find((tool) => tool.name === name)?.inputSchema, inputSchema);
    }
  });

  test('are refused what exceeds their wallet, what is no input, and files outside the workspace', async () => {
    const refused = (name: string, input: object, why: RegExp) => assert.rejects(told(name, input), why);
    await refused('start', { machine: 'sd-box', gpu: 'B200', minutes: 240 }, /more than their limit of \$5\.00/);
    await refused('start', { machine: 7, minutes: 5 }, /Invalid input: machine/);
    await refused('end', { session: '../../nobody' }, /has ended, or belongs to another account/);
    await refused('check', { workflow: '/etc/passwd', machine: 'sd-box' }, /only files in the workspace/);
    assert.equal(account.control.bill().created, 0);
  });

  test('go from a workflow file to a saved picture that the model sees, and end what they started', async () => {
    const { facts: started } = await told('start', { machine: 'sd-box', minutes: 10 });
    const { session } = started;
    const listed = await told('list');
    assert.match(listed.text, /"state":"ready"/);
    assert.doesNotMatch(listed.text, /https?:|eyJ/);
    assert.deepEqual((await told('check', { workflow: 'cat.json', machine: 'sd-box' })).facts['problems'] ?? [], []);
    const { run } = (await told('queue', { workflow: 'cat.json', session })).facts;
    const outputs = await told('outputs', { session, run, saveTo: 'out' });
    assert.equal(outputs.facts['isDone'], true);
    assert.equal((await vscode.workspace.fs.readDirectory(inWorkspace('out'))).length, 1);
    assert.match(JSON.stringify(outputs.pictures), /"mimeType":"image\/png"/);
    const extended = await told('extend', { session, minutes: 5 });
    assert.ok(Number(extended.facts['minutesLeft']) > Number(started['minutesLeft']));
    assert.deepEqual((await told('end', { session })).facts, { isProven: true });
    assert.match((await told('spending')).text, /"agents":\{"today":0\.\d+,"mostADay":5\}/);
    assert.deepEqual([account.control.bill().created, running()], [1, 0]);
  });
});

function inWorkspace(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder);
  return vscode.Uri.joinPath(folder.uri, name);
}
