import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { asJudged, isLoopback } from '../../platform/baseUrl';
import { isOfEditor } from '../editorOrigin';
import type { Reach } from '../../comfyui/reach';
import { elsewhereFor, isChosen, openInOf, rungsFor, type Elsewhere, type OpenIn, type Rung } from '../openIn';
import { isRemembered, withoutRefusal, withRefusal, type Refusals } from '../../sessions/refusals';
import type { SettingsReader } from '../../platform/settings';
import type { Clock } from '../../platform/clock';
import { confirm } from '../../platform/ui/pick';

/** Exists in some versions of the desktop VS Code; undocumented, so it may disappear. */
const INTEGRATED = 'workbench.action.browser.open';
const REFUSALS = 'refusedFrames';
/** Other versions read this name. */
const WARNED = 'toldOfBrowsers';
const Kept = z.lazy(() => z.catchall(z.object({}), z.number()));

/** Where pages can be shown other than in our own tab, and what is remembered about that. */
export class Browsers {
  /** Whether the extension may run on another computer than the window. */
  readonly isRemote: boolean;
  readonly #memory: vscode.Memento;

  constructor(
    { extension, globalState }: Pick<vscode.ExtensionContext, 'extension' | 'globalState'>,
    private readonly settings: SettingsReader,
    private readonly clock: Clock,
    private readonly reach: Reach,
  ) {
    this.#memory = globalState;
    this.isRemote = vscode.env.remoteName !== undefined && extension.extensionKind === vscode.ExtensionKind.Workspace;
  }

  /** Whether pages open in our tab first, as far as that is known without a page. */
  get isTabFirst(): boolean {
    return (
      rungsFor(this.#openIn, new Set(['editorTab', 'integratedBrowser', 'externalBrowser']), false)[0] === 'editorTab'
    );
  }

  /** What to try in turn for a page, until one works. */
  async rungs(address: string): Promise<readonly Rung[]> {
    const wasRefused = isRemembered(this.#refusals, address, this.clock.now());
    return rungsFor(this.#openIn, await available(), wasRefused);
  }

  /** Opens the page in the nearest place outside our tabs. Not confirmed, since the user chose to. */
  async openElsewhere(address: string): Promise<void> {
    for (const rung of elsewhereFor(this.#openIn, await available())) {
      if (await this.open(rung, address, false)) return;
    }
  }

  /** @returns whether it was opened; whether the page works there cannot be known. */
  async open(rung: Elsewhere, given: string, toSide: boolean): Promise<boolean> {
    const address = asJudged(given);
    if (rung === 'externalBrowser') return vscode.env.openExternal(vscode.Uri.parse(address, true));
    try {
      const url = await this.addressHere(address);
      await vscode.commands.executeCommand(INTEGRATED, toSide ? { url, openToSide: true } : url);
      return true;
    } catch {
      return false; // the command is not ours: whatever went wrong, the next rung is tried
    }
  }

  /** Asks once before another program gets an address, which gives access to the session. */
  async mayUse(rung: Elsewhere): Promise<boolean> {
    if (isChosen(rung, this.#openIn) || this.#memory.get(WARNED) === true) return true;
    const detail = l10n.t(
      "Its page can't be shown in a tab. Anyone who has the address of a session controls it, and a browser may keep addresses in its history. You are asked only once.",
    );
    if (!(await confirm(l10n.t('Open the session in a browser?'), detail, l10n.t('Open in Browser')))) return false;
    await this.#memory.update(WARNED, true);
    return true;
  }

  /**
   * Whether the server names an address on this computer or of the editor, which is opened only after the user agrees.
   */
  isUnexpected(address: string): boolean {
    return this.reach.isUnexpected(address) || (this.isOfEditor(address) && !this.reach.isTrusted(address));
  }

  /** The user agreed to open it. */
  trust(address: string): void {
    this.reach.trust(address);
  }

  /** Whether a page there could access the editor. */
  isOfEditor(address: string): boolean {
    return isOfEditor(address, vscode.env.remoteName);
  }

  /** The address by which the window reaches what the extension reaches, if they may be on two computers. */
  async addressHere(address: string): Promise<string> {
    if (!this.isRemote || !isLoopback(new URL(address))) return address;
    const here = (await vscode.env.asExternalUri(vscode.Uri.parse(address, true))).toString(true);
    return this.isOfEditor(here) ? address : here;
  }

  async noteRefusal(address: string): Promise<void> {
    await this.#memory.update(REFUSALS, withRefusal(this.#refusals, address, this.clock.now()));
  }

  async forgetRefusal(address: string): Promise<void> {
    if (Object.keys(this.#refusals).length > 0)
      await this.#memory.update(REFUSALS, withoutRefusal(this.#refusals, address));
  }

  get #openIn(): OpenIn {
    return openInOf(this.settings.get<unknown>('openIn', 'auto'));
  }

  get #refusals(): Refusals {
    return Kept.safeParse(this.#memory.get(REFUSALS)).data ?? {};
  }
}

async function available(): Promise<ReadonlySet<Rung>> {
  const hasIntegrated = (await vscode.commands.getCommands(true)).includes(INTEGRATED);
  return new Set<Rung>(['editorTab', 'externalBrowser', ...(hasIntegrated ? (['integratedBrowser'] as const) : [])]);
}
