import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Simulator } from '../simulator/simulator';
import { answered, askedByRefresh, configure, signIn, startAccount, until } from './account';

const PUBLIC = ['/api/platform/gpu-pricing'];

suite('An account', () => {
  let first: Simulator;

  suiteSetup(async () => {
    first = await startAccount();
  });
  suiteTeardown(() => first.close());

  test('nothing but what is public is asked before somebody signs in', async () => {
    assert.deepEqual(await askedByRefresh(first), PUBLIC);
  });

  test('signing in with the browser brings the machines and sessions', async () => {
    await signIn(first);
    await until('the sessions', () => answered(first.control, '/api/sessions') > 0);
    assert.ok(answered(first.control, '/api/machines/all') > 0);
  });

  test('the key goes to the server it was given for, and to no other', async () => {
    const second = await startAccount();
    try {
      assert.deepEqual(await askedByRefresh(second), PUBLIC);
    } finally {
      await second.close();
    }
    const before = answered(first.control, '/api/sessions');
    await configure({ apiUrl: first.apiUrl, dashboardUrl: first.url });
    await vscode.commands.executeCommand('comfydeploy.refresh'); // otherwise the state of a moment ago would pass
    await until('the key from the keyring', () => answered(first.control, '/api/sessions') > before);
  });

  test('signing out takes the key out of the keyring', async () => {
    await vscode.commands.executeCommand('comfydeploy.signOut');
    await configure({ apiUrl: 'https://nowhere.invalid/api' });
    await configure({ apiUrl: first.apiUrl });
    assert.deepEqual(await askedByRefresh(first), PUBLIC);
  });
});
