import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Simulator } from '../simulator/simulator';
import { answered, ME, signIn, startAccount, until } from './account';

const MINUTE = 60_000;

/** The labels of our tabs, in all groups. */
const tabs = (): readonly string[] =>
  vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.includes('comfydeploy.session'))
    .map(({ label }) => label);

/** Presses Enter in any open list until the condition holds. */
const acceptUnless = (isTrue: boolean): boolean => {
  if (!isTrue) void vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
  return isTrue;
};

suite('A session', () => {
  let account: Simulator;
  let machineId: string;
  const open = () => account.control.sessions().filter(({ endedAt }) => endedAt === null);

  suiteSetup(async () => {
    account = await startAccount();
    ({ id: machineId } = account.control.addMachine({ ...ME, name: 'sd-box', gpu: 'T4' }));
    await signIn(account);
    await until('the machines', () => answered(account.control, '/api/machines/all') > 1);
    await vscode.commands.executeCommand('comfydeploy.sessions.focus');
  });
  suiteTeardown(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('comfydeploy.signOut');
    await account.close();
  });

  test('opens in its own tab in ComfyUI once it is ready', async () => {
    const created = vscode.commands.executeCommand('comfydeploy.createSession', { kind: 'machine', machineId });
    await until('the session', () => acceptUnless(open().length > 0));
    await created;
    assert.deepEqual(
      account.control.sessions().map(({ gpu, timeoutMinutes }) => [gpu, timeoutMinutes]),
      [['T4', 15]],
    );
    await until('the tab', () => tabs().includes('sd-box · T4'));
  });

  test('has one tab, however often it is opened', async () => {
    const target = { kind: 'session', sessionId: open()[0]?.id };
    await vscode.commands.executeCommand('comfydeploy.openSession', target);
    await vscode.commands.executeCommand('comfydeploy.openSession', target);
    assert.deepEqual(tabs(), ['sd-box · T4']);

    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await until('the tab to close', () => tabs().length === 0);
    await vscode.commands.executeCommand('comfydeploy.openSession', target);
    await until('the tab to come back', () => tabs().length === 1);
  });

  test('has its log in one terminal, which stays when it is asked for again', async () => {
    const target = { kind: 'session', sessionId: open()[0]?.id };
    const terminals = () => vscode.window.terminals.filter(({ name }) => name === 'ComfyDeploy: T4 on sd-box');
    const followed = () => answered(account.control, '/api/v2/stream-logs');
    const before = followed();
    await vscode.commands.executeCommand('comfydeploy.showSessionLog', target);
    await until('the log to be asked for', () => followed() > before);
    await vscode.commands.executeCommand('comfydeploy.showSessionLog', target);
    assert.deepEqual([terminals().length, followed()], [1, before + 1]);
    terminals()[0]?.dispose();
    await until('the terminal to close', () => terminals().length === 0);
  });

  test('stands among what its machine did lately, in a text that cannot be changed', async () => {
    await vscode.commands.executeCommand('comfydeploy.showMachineDay', { kind: 'machine', machineId });
    const { document } = vscode.window.activeTextEditor ?? {};
    assert.match(document?.getText() ?? '', /^sd-box, last 24 hours\n[^]*Session/);
    assert.equal(document?.uri.scheme, 'comfydeploy');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  test('is extended by as much as the user chooses, whatever another extension says', async () => {
    const [session] = open();
    const target = { kind: 'session', sessionId: session?.id, minutes: 600 };
    const extended = vscode.commands.executeCommand('comfydeploy.extendSession', target);
    await until('the extension', () => acceptUnless(account.control.bill().extended > 0));
    await extended;
    assert.equal(open()[0]?.deadline, (session?.deadline ?? 0) + 15 * MINUTE);
  });

  test('is not started by another extension, as long as the user has not said yes', async () => {
    // Under test VS Code shows no modal dialog, which counts as closing it.
    await vscode.commands.executeCommand('comfydeploy.createSameSession', { machineId, gpu: 'T4', minutes: 15 });
    assert.equal(account.control.bill().created, 1);
  });

  test('is not ended as long as nobody has said yes', async () => {
    const target = { kind: 'session', sessionId: open()[0]?.id, isAgreed: true };
    await vscode.commands.executeCommand('comfydeploy.cancelSession', target);
    assert.equal(account.control.bill().cancelled, 0);
    assert.equal(open().length, 1);
  });

  test('keeps its tab when it has ended', async () => {
    const [session] = open();
    const path = `/api/session/${session?.id ?? ''}`;
    await account.control.endSession(session?.id ?? '');
    await vscode.commands.executeCommand('comfydeploy.refresh');
    await until('the end to be seen', () =>
      account.control.requests().some((request) => request.path === path && request.status === 404),
    );
    assert.deepEqual(tabs(), ['sd-box · T4']);
  });
});
