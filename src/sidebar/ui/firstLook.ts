import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import { scopeOfKey } from '../../accounts/keyRing';
import { TokenVault } from '../../accounts/ui/tokenVault';
import type { Clock } from '../../platform/clock';
import { together, type Disposable } from '../../platform/emitter';
import { ContextKeys } from '../../platform/ui/contextKeys';
import { Settings } from '../../platform/ui/settings';
import { fail } from '../../platform/ui/shown';
import { useTranslations, type TextsOf } from '../../platform/ui/translations';
import { LAST_TIME, lastTimeFrom, type LastTime } from '../lastTime';
import type { LateTree } from './lateTree';

interface FirstLookContext extends Pick<vscode.ExtensionContext, 'secrets' | 'globalState'> {
  readonly clock: Clock;
  readonly textsOf: TextsOf;
  readonly readTexts: (() => Promise<void>) | undefined;
  readonly tree: Pick<LateTree, 'showLast'>;
  /** The key in the environment, if any. */
  readonly environment: ConstructorParameters<typeof TokenVault>[2];
  /** Offers to sign in, in VS Code's own menu. */
  readonly offer: () => void;
  /** Reads the rest of the extension. */
  readonly house: () => Promise<unknown>;
}

/** Shows the rows of last time and reads the house if somebody is signed in; otherwise nothing more is read. */
export function lookForKey(context: FirstLookContext): Disposable {
  const { secrets, clock, textsOf, environment } = context;
  const settings = new Settings();
  const keys = new TokenVault(secrets, settings.apiUrl, environment, clock);
  const words = new ContextKeys();
  const over = new AbortController();
  const start = () =>
    void look(context, keys, words, over.signal).catch(() => over.signal.aborted || showFailure(textsOf));
  start();
  const subscriptions = [settings, keys.onDidChange(start, true), settings.onDidChangeServer(start)];
  return together([{ dispose: () => over.abort() }, ...subscriptions]);
}

async function look(context: FirstLookContext, keys: TokenVault, words: ContextKeys, over: AbortSignal): Promise<void> {
  const { globalState, house, offer } = context;
  const key = await keys.get().catch(() => 'unknown' as const); // the house reports the failure
  if (over.aborted) return;
  // Another account, on another server, has sessions to guard as well.
  if (!key && (await keys.all().catch(() => [])).length === 0) {
    words.set('comfydeploy.view', 'signedOut');
    return offer();
  }
  const last = !key || key === 'unknown' ? undefined : lastTimeFrom(globalState.get(LAST_TIME), scopeOfKey(key));
  if (last) await show(last, context, over);
  await house();
}

async function show(last: LastTime, context: FirstLookContext, over: AbortSignal): Promise<void> {
  const { clock, textsOf, readTexts, tree } = context;
  await readTexts?.();
  if (over.aborted) return;
  useTranslations(textsOf);
  tree.showLast(last, clock.now());
}

/** Otherwise sessions would go unwatched silently. */
function showFailure(textsOf: TextsOf): void {
  useTranslations(textsOf);
  void fail(l10n.t('ComfyDeploy Sessions could not be started. Reload the window, or install the extension again.'));
}
