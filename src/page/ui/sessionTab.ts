import * as vscode from 'vscode';
import { asSentence } from '../../platform/errors';
import { isOpenable } from '../../platform/baseUrl';
import type { PageChannel } from '../pageChannel';
import type { PageQuestion } from '../pluginLimits';
import { pageOf, type Session, type SessionId, type Work } from '../../comfydeploy/model';
import type { GuardPreferences } from '../../sessions/preferences';
import type { SessionSaver } from '../../outputs/sessionSaver';
import { lengthOf, type Receipt } from '../../spending/receipts';
import {
  endingPage,
  foreignPage,
  lookingPage,
  notFoundYet,
  overPage,
  refusedPage,
  sessionPage,
  signedOutPage,
  unexpectedPage,
  waitingPage,
  type PageState,
} from '../sessionPage';
import type { FollowedLog, Logs } from '../../logs/logs';
import { ownerOf } from '../../sessions/sessionText';
import { doubtOf } from '../../sessions/doubt';
import { doubtText, type DoubtTextInput } from '../../sessions/doubtText';
import { findSession, machineOf, type Ended, type Ready, type Snapshot } from '../../sessions/snapshot';
import { run } from '../../platform/ui/commands';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { FramedPage, type FrameContext } from './framedPage';
import { FromPage, OF_FRAME } from './fromPage';
import { PanelDocument } from './panelDocument';
import { nameTab } from '../../platform/ui/shown';

export interface SessionTabInput extends DoubtTextInput {
  /** The name of a member, by the user's id; undefined while it is not known. */
  readonly nameOf: (userId: string) => string | undefined;
  /** Server time, ms. */
  readonly now: number;
  /** The guard preferences of a session. */
  readonly preferencesOf: (id: SessionId) => GuardPreferences;
  readonly work: ReadonlyMap<SessionId, Work>;
  readonly history: { readonly receiptOf: (id: SessionId) => Receipt | undefined };
}

export interface TabContext extends FrameContext {
  readonly extensionUri: vscode.Uri;
  readonly appState: () => SessionTabInput;
  readonly logs: Pick<Logs, 'follow'>;
  readonly savedOf: SessionSaver['savedOf'];
}

/** One session's editor tab. The document is replaced only when the framed address changes. */
export class SessionTab implements vscode.Disposable {
  #followed: FollowedLog | undefined;
  #page: FramedPage | undefined;
  /** The address that the frame has loaded. */
  #source: string | undefined;
  #shown: PageState = lookingPage();
  readonly #document: PanelDocument;
  #last: Session | undefined;
  #wasLeased = false;
  #wasReady = false;
  #work: Work | undefined;
  #why: Ended['why'] | 'unknown' = 'unknown';
  /** What *Start Again* is starting. */
  #again: string | undefined;

  constructor(
    readonly panel: vscode.WebviewPanel,
    readonly id: SessionId,
    /** The account it belongs to; undefined while not known. */
    private scope: string | undefined,
    private readonly context: TabContext,
  ) {
    panel.iconPath = this.#file('media', 'tab.svg');
    panel.webview.options = { enableScripts: true, localResourceRoots: [] };
    this.#document = new PanelDocument(panel.webview, context.web.clock);
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const parsed = FromPage.safeParse(message);
      if (parsed.success && this.#document.isFrom(parsed.data.from)) this.#hear(parsed.data);
    });
    this.update();
    if (!this.#document.isThere) this.#load(this.#shown);
  }

  /** Whether the tab shows elapsed seconds and needs an update every second. */
  get isWaiting(): boolean {
    return this.#last?.phase === 'starting';
  }

  /** The session; undefined once it is over. */
  get session(): Session | undefined {
    return findSession(this.context.appState().snapshot, this.id);
  }

  /** To the visible page; undefined while there is none. */
  get channel(): PageChannel | undefined {
    return this.#page?.channel;
  }

  /**
   * Whether *Start Again* here has started this session, so that the session's tab can replace this one. A tab with the
   * last page of its session stays: that page can be the only place of unsaved work.
   */
  isReplacedBy({ machineId, gpu }: Session): boolean {
    return this.#source === undefined && this.#again === `${machineId} ${gpu}`;
  }

  ended(why: Ended['why']): void {
    this.#why = why;
    this.update();
  }

  update(): void {
    const { snapshot, nameOf, work } = this.context.appState();
    if (snapshot.kind !== 'ready') return this.#showUnknown(snapshot);
    const { session } = this;
    if (session) {
      this.#last = session;
      this.#work = work.get(session.id) ?? this.#work;
      this.#wasReady ||= pageOf(session) !== undefined;
      this.#wasLeased = this.context.appState().preferencesOf(session.id).lease !== undefined;
      this.scope = snapshot.scope;
    }
    if (session && this.#last) {
      const owner = ownerOf(session, snapshot, nameOf);
      nameTab(this.panel, titleOf(session, machineOf(snapshot, session)?.name, owner));
    }
    this.#followLog(session);
    if (session) return this.#showLive(session);
    if (this.scope && this.scope !== snapshot.scope) return this.#say(foreignPage(this.#source !== undefined));
    // While lists fail, a proven end is known from elsewhere: a look at the session itself, or its bill.
    const isOver = this.#why !== 'unknown' || this.#receipt?.closed !== undefined;
    if (snapshot.problem === undefined || isOver) this.#showOver();
  }

  /** Reloads the page, as a browser would. */
  reload(): void {
    this.#page?.dispose();
    this.#page = undefined;
    this.#source = undefined;
    this.update();
  }

  dispose(): void {
    this.#page?.dispose();
    this.#followed?.dispose();
    this.#document.dispose();
    this.panel.dispose();
  }

  /** Without a snapshot, a visible page stays. A signed-out user is shown what that means for the session. */
  #showUnknown(snapshot: Exclude<Snapshot, Ready>): void {
    const isShown = this.#source !== undefined;
    if (snapshot.kind === 'signedOut') return this.#say(signedOutPage(isShown));
    if (snapshot.kind === 'failed' && !isShown) this.#say(notFoundYet(asSentence(snapshot.problem.error.message)));
  }

  #showLive(session: Session): void {
    const url = pageOf(session);
    if (url === undefined) return this.#showWithoutPage(session);
    if (!isOpenable(url)) return this.#say(refusedPage());
    if (this.context.browsers.isUnexpected(url)) return this.#say(unexpectedPage());
    const page = this.#pageAt(url);
    if (page.source === this.#source) return this.#say(page.state);
    this.#source = page.source;
    this.#load(page.state);
  }

  #pageAt(address: string): FramedPage {
    if (this.#page?.address === address) return this.#page;
    this.#page?.dispose();
    const post = (question: PageQuestion) => void this.panel.webview.postMessage(question);
    return (this.#page = new FramedPage(address, this.context, () => this.update(), post));
  }

  /** Starting or ending. While it is ending, its page stays as long as it works. */
  #showWithoutPage(session: Session): void {
    if (this.#page) return this.#say(this.#page.state);
    const input = this.context.appState();
    const { snapshot, now } = input;
    const machine = machineOf(snapshot, session)?.name;
    const doubt = doubtOf(session);
    if (session.phase === 'ending')
      return this.#say(endingPage(session, machine, doubt && { kind: doubt, text: doubtText(session, doubt, input) }));
    this.#say(waitingPage(session, machine, now, this.#log?.lines ?? []));
  }

  #showOver(): void {
    this.#page?.channel.interrupt();
    const { reason, lines: log } = (this.#why === 'failedToStart' && this.#log) || {};
    const last = { work: this.#work, saved: this.context.savedOf(this.id), wasReady: this.#wasReady };
    this.#say(overPage(this.#why, { reason, log, receipt: this.#receipt, last: this.#last && last }));
  }

  get #receipt(): Receipt | undefined {
    return this.context.appState().history.receiptOf(this.id);
  }

  get #log(): FollowedLog['log'] | undefined {
    return this.#followed?.log;
  }

  /** Follows the log while the session starts, and keeps its last lines in case it fails. */
  #followLog(session: Session | undefined): void {
    if (session?.phase === 'starting' && !this.#followed) {
      this.#followed = this.context.logs.follow(this.id, () => this.update());
    }
    if (session?.phase === 'ready') {
      this.#followed?.dispose();
      this.#followed = undefined;
    }
  }

  #hear(message: FromPage): void {
    const { type } = message;
    if (type === 'loaded') return this.#greet();
    if (this.#document.isOutdated && OF_FRAME.has(type)) return;
    if (type === 'answer') return void this.channel?.hear(message.text);
    if (type === 'startAgain') return this.#startAgain();
    if (type === 'showLog') return void runOnSession('showSessionLog', this.id);
    if (type === 'signIn') return void run('signIn');
    if (type === 'retry') return this.reload();
    if (type === 'alive') return this.#page?.answered();
    if (type === 'setup') return this.channel?.setUp();
    if (type === 'unreached') return this.#page?.unreached();
    if (type === 'ofEditor') return this.#refuse();
    if (type === 'trust') return this.#trust();
    void runOnSession('openSessionInBrowser', this.id, { nearest: true });
  }

  /** A document that VS Code has reloaded has lost its state, and has reloaded its frame. */
  #greet(): void {
    if (this.#document.loaded() === 'replaced') return;
    this.channel?.reload();
    void this.panel.webview.postMessage(this.#shown);
  }

  /** The user agreed to open the address. */
  #trust(): void {
    const url = this.session && pageOf(this.session);
    if (url !== undefined) this.context.browsers.trust(url);
    this.update();
  }

  #refuse(): void {
    this.#page?.refuse();
    this.update();
  }

  #startAgain(): void {
    const { opened } = this.#receipt ?? {};
    const {
      machineId,
      gpu,
      minutesAsked: minutes,
    } = this.#last ?? { ...opened, minutesAsked: opened && lengthOf(opened) };
    this.#again = `${machineId} ${gpu}`;
    const forget = () => void (this.#again = undefined);
    void run('createSameSession', { machineId, gpu, minutes, isLeased: this.#wasLeased }).then(forget, forget);
  }

  #file(...path: string[]): vscode.Uri {
    return vscode.Uri.joinPath(this.context.extensionUri, ...path);
  }

  #say(state: PageState): void {
    if (JSON.stringify(state) === JSON.stringify(this.#shown)) return;
    this.#shown = state;
    if (this.#document.isThere && !this.#document.isOutdated) void this.panel.webview.postMessage(state);
  }

  #load(state: PageState): void {
    this.#shown = state;
    this.#document.replace((nonce) => this.#text(nonce));
  }

  #text(nonce: string): string {
    return sessionPage({
      title: this.panel.title,
      nonce,
      sessionId: this.id,
      scope: this.scope,
      state: this.#shown,
      url: this.#source,
      isRemote: this.context.browsers.isRemote,
    });
  }
}

/** The owner comes last, since a narrow tab shows the beginning. */
function titleOf({ gpu }: Session, machineName: string | undefined, owner: string | undefined): string {
  return [machineName, gpu, owner].filter((part) => part !== undefined).join(' · ');
}
