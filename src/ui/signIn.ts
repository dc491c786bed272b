import * as vscode from 'vscode';
import { ApiError, isAbort, toApiError } from '../core/api/errors';
import type { ComfyDeployClient } from '../core/api/client';
import { sleep, type Clock } from '../core/state/clock';
import { pick, withProgress } from './pick';
import type { Settings } from './settings';
import type { TokenVault } from './tokenVault';

const ASK_EVERY = 2_000;
const PATIENCE = 10 * 60_000;

export interface SignInContext {
  readonly api: Pick<ComfyDeployClient, 'checkKey' | 'getAcceptedKey'>;
  readonly vault: Pick<TokenVault, 'keep'>;
  readonly settings: Settings;
  readonly clock: Clock;
}

type Way = 'browser' | 'paste' | 'getKey';

/** Asks how to sign in, and keeps the key only once the server has taken it. */
export async function signIn(context: SignInContext): Promise<void> {
  const way = await pick<Way>({
    title: 'Sign In to ComfyDeploy',
    placeholder: 'How do you want to sign in?',
    choices: [
      { value: 'browser', label: '$(globe) Sign In with Browser', description: 'accept once, valid for 7 days' },
      { value: 'paste', label: '$(key) Paste an API Key', description: 'stays valid until you revoke it' },
      { value: 'getKey', label: '$(link-external) Get an API Key', description: 'opens the dashboard' },
    ],
  });
  if (way === 'browser') return signInWithBrowser(context);
  if (way === 'paste') return pasteKey(context);
  if (way !== 'getKey') return;
  await vscode.env.openExternal(context.settings.dashboardPage('/api-keys'));
  return pasteKey(context);
}

async function signInWithBrowser(context: SignInContext): Promise<void> {
  const requestId = crypto.randomUUID();
  const opened = await vscode.env.openExternal(context.settings.dashboardPage(`/auth/request/${requestId}`));
  if (!opened) return;
  const key = await withProgress('Waiting for you to accept in the browser', (signal) =>
    acceptedKey(context, requestId, signal),
  );
  await context.api.checkKey(key);
  await keep(context, key);
}

/** Asks until the user has accepted. A lost connection meanwhile is no reason to stop. */
async function acceptedKey({ api, clock }: SignInContext, requestId: string, signal: AbortSignal): Promise<string> {
  const giveUpAt = clock.now() + PATIENCE;
  while (clock.now() < giveUpAt) {
    try {
      return await api.getAcceptedKey(requestId, signal);
    } catch (error) {
      if (isAbort(error)) throw error;
      const failure = toApiError(error);
      if (failure.kind === 'refused')
        throw new ApiError('refused', 'The sign-in was accepted, but too long ago. Sign in again.', { cause: failure });
      if (failure.kind === 'misconfigured' || failure.kind === 'forbidden') throw failure;
    }
    await sleep(clock, ASK_EVERY, signal);
  }
  throw new ApiError('refused', 'Nobody accepted the sign-in in the browser within 10 minutes. Sign in again.');
}

/** The box stays open until the server has taken the key, so that a slip or a dead network costs no typing. */
function pasteKey(context: SignInContext): Promise<void> {
  const input = vscode.window.createInputBox();
  input.title = 'Sign In to ComfyDeploy';
  input.prompt = 'Paste an API key from the dashboard.';
  input.placeholder = 'API key';
  input.password = true;
  input.ignoreFocusOut = true;
  return new Promise((resolve, reject) => {
    const check = async () => {
      const key = input.value.trim();
      const wrong = shapeProblem(key) ?? (await serverProblem(context, key));
      input.validationMessage = wrong;
      if (wrong !== undefined) return;
      await keep(context, key);
      input.hide();
    };
    input.onDidChangeValue(() => (input.validationMessage = undefined));
    input.onDidAccept(() => {
      input.busy = true;
      input.enabled = false;
      check()
        .catch(reject)
        .finally(() => {
          input.busy = false;
          input.enabled = true;
        });
    });
    input.onDidHide(() => {
      input.dispose();
      resolve();
    });
    input.show();
  });
}

function shapeProblem(key: string): string | undefined {
  if (key === '') return 'Paste the key first.';
  return /[\s"']/.test(key) ? 'A key has no spaces or quotation marks in it.' : undefined;
}

async function serverProblem({ api }: SignInContext, key: string): Promise<string | undefined> {
  try {
    await api.checkKey(key);
    return undefined;
  } catch (error) {
    const { kind, message } = toApiError(error);
    if (kind === 'unauthorized') return 'ComfyDeploy does not take this key. Check that you copied all of it.';
    return `The key could not be checked: ${message} Press Enter to try again.`;
  }
}

async function keep({ vault }: SignInContext, key: string): Promise<void> {
  if (await vault.keep(key)) return;
  void vscode.window.showWarningMessage(
    "This system's keyring did not keep the key, so you will have to sign in again after a restart.",
  );
}
