import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { ApiError, isAbort, toApiError } from '../../platform/errors';
import type { ComfyDeployClient } from '../../comfydeploy/client';
import { sleep, type Clock } from '../../platform/clock';
import { failureAndHint } from '../../platform/networkHint';
import { pick, withProgress } from '../../platform/ui/pick';
import type { Settings, SignInAddresses } from '../../platform/ui/settings';
import { inform, inputBox, warn } from '../../platform/ui/shown';
import type { TokenVault } from './tokenVault';
import { MINUTE } from '../../platform/units';

const ASK_EVERY = 2_000;
const PATIENCE = 10 * MINUTE;

export interface SignInContext {
  readonly api: Pick<ComfyDeployClient, 'checkKey' | 'getAcceptedKey'>;
  readonly vault: Pick<TokenVault, 'keep' | 'get'>;
  readonly settings: Settings;
  readonly clock: Clock;
}

type Way = 'browser' | 'paste' | 'getKey';

/**
 * Asks how to sign in, and stores the key only once the server has accepted it. The key is requested from, checked by
 * and stored for the server that the settings name at the start, even if they change meanwhile.
 */
export async function signIn(context: SignInContext): Promise<void> {
  const { server, keyPage } = context.settings.signInTo();
  const way = await pick<Way>({
    title: l10n.t('Sign In to ComfyDeploy'),
    placeholder: l10n.t('How do you want to sign in to {0}?', hostOf(server)),
    choices: [
      {
        value: 'browser',
        icon: 'globe',
        label: l10n.t('Sign In with Browser'),
        description: l10n.t('accept once, valid for 7 days'),
      },
      {
        value: 'paste',
        icon: 'key',
        label: l10n.t('Paste an API Key'),
        description: l10n.t('stays valid until you revoke it'),
      },
      {
        value: 'getKey',
        icon: 'link-external',
        label: l10n.t('Get an API Key'),
        description: l10n.t('opens the dashboard'),
      },
    ],
  });
  if (way === 'browser') return signInWithBrowser(context, server, keyPage);
  if (way === 'paste') return pasteKey(context, server);
  if (way !== 'getKey') return;
  await vscode.env.openExternal(keyPage('/api-keys'));
  return pasteKey(context, server);
}

async function signInWithBrowser(
  context: SignInContext,
  server: string,
  keyPage: SignInAddresses['keyPage'],
): Promise<void> {
  const requestId = crypto.randomUUID();
  const opened = await vscode.env.openExternal(keyPage(`/auth/request/${requestId}`));
  if (!opened) return;
  const key = await withProgress(l10n.t('Waiting for you to accept in the browser'), (signal, say) =>
    acceptedKey(context, { server, requestId, say }, signal),
  );
  await context.api.checkKey(server, key);
  await keep(context, server, key);
}

interface Request {
  readonly server: string;
  readonly requestId: string;
  readonly say: (message: string) => void;
}

/** Polls until the user has accepted. A lost connection does not end this; it is shown while it lasts. */
async function acceptedKey(
  { api, clock }: SignInContext,
  { server, requestId, say }: Request,
  signal: AbortSignal,
): Promise<string> {
  const giveUpAt = clock.monotonic() + PATIENCE; // the wall clock may be set meanwhile
  let trouble: string | undefined;
  while (clock.monotonic() < giveUpAt) {
    try {
      return await api.getAcceptedKey(server, requestId, signal);
    } catch (error) {
      if (isAbort(error)) throw error;
      const failure = toApiError(error);
      if (failure.kind === 'refused')
        throw new ApiError('refused', l10n.t('The sign-in was accepted, but too long ago. Sign in again.'), {
          cause: failure,
        });
      if (failure.kind === 'misconfigured' || failure.kind === 'forbidden') throw failure;
      const before = trouble;
      trouble = failure.kind === 'missing' ? undefined : failureAndHint(failure);
      if (trouble !== undefined) say(l10n.t('{0} Retrying.', trouble));
      else if (before !== undefined) say(l10n.t('{0} answers again.', hostOf(server)));
    }
    await sleep(clock, ASK_EVERY, signal);
  }
  if (trouble !== undefined)
    throw new ApiError('offline', l10n.t('Whether the sign-in was accepted is not known. {0} Sign in again.', trouble));
  throw new ApiError('refused', l10n.t('Nobody accepted the sign-in in the browser within 10 minutes. Sign in again.'));
}

/** The box stays open until the server has accepted the key, so that a mistake or a failing network costs no typing. */
function pasteKey(context: SignInContext, server: string): Promise<void> {
  const { input, complain } = inputBox({
    title: l10n.t('Sign In to ComfyDeploy'),
    prompt: l10n.t('Paste an API key for {0}. It is sent to no other server.', hostOf(server)),
    placeholder: l10n.t('API key'),
  });
  input.password = true;
  input.ignoreFocusOut = true;
  return new Promise((resolve, reject) => {
    const check = async () => {
      const key = input.value.trim();
      const wrong = shapeProblem(key) ?? (await serverProblem(context, server, key));
      complain(wrong);
      if (wrong !== undefined) return;
      await keep(context, server, key);
      input.hide();
    };
    input.onDidChangeValue(() => complain(undefined));
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
  if (key === '') return l10n.t('Paste the key first.');
  return /[\s"']/.test(key) ? l10n.t('A key has no spaces or quotation marks in it.') : undefined;
}

async function serverProblem({ api }: SignInContext, server: string, key: string): Promise<string | undefined> {
  try {
    await api.checkKey(server, key);
    return undefined;
  } catch (error) {
    const failure = toApiError(error);
    if (failure.kind === 'unauthorized')
      return l10n.t('{0} rejected this key. Check that you copied all of it.', hostOf(server));
    return l10n.t('The key could not be checked. {0} Press Enter to try again.', failureAndHint(failure));
  }
}

async function keep({ vault, settings }: SignInContext, server: string, token: string): Promise<void> {
  const isKept = await vault.keep(token, server);
  if (server !== settings.apiUrl())
    void inform(
      l10n.t('You are signed in to {0}. The setting comfydeploy.apiUrl now names another server.', hostOf(server)),
    );
  if (isKept) return;
  void warn(l10n.t('VS Code could not store the key, so you will have to sign in again after a restart.'));
}

/** `api.comfydeploy.com`, as in the settings. */
function hostOf(server: string): string {
  return new URL(server).host;
}
