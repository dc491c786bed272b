import * as vscode from 'vscode';
import { lookAtPage, type ProbeWeb } from '../frameProbe';
import { PageChannel } from '../pageChannel';
import type { PageQuestion } from '../pluginLimits';
import { framePage, staysSilent, type FrameSigns } from '../framePage';
import type { PageState } from '../sessionPage';
import type { Disposable } from '../../platform/emitter';
import type { Browsers } from './browsers';
import { MINUTE } from '../../platform/units';

/** When a page that has not answered counts as silent, ms: noticed and explained within three seconds. */
const LATE = 2_500;
/** A page that has just started answers after about five seconds. */
const OLD = MINUTE;

export interface FrameContext {
  readonly web: ProbeWeb;
  readonly browsers: Pick<
    Browsers,
    'addressHere' | 'isRemote' | 'isOfEditor' | 'isUnexpected' | 'trust' | 'noteRefusal' | 'forgetRefusal'
  >;
}

/** One address in a frame, and what is observed of it. */
export class FramedPage implements Disposable {
  #signs: FrameSigns = { hasAnswered: false, verdict: undefined, age: 'new', isUnreached: false, isOfEditor: false };
  #source: string | undefined;
  readonly channel: PageChannel;
  readonly #gone = new AbortController();
  readonly #alarms: readonly Disposable[];

  constructor(
    readonly address: string,
    private readonly context: FrameContext,
    private readonly changed: () => void,
    post: (question: PageQuestion) => void,
  ) {
    const { web, browsers } = context;
    this.channel = new PageChannel(post, web.clock);
    this.#alarms = [
      web.clock.after(LATE, () => this.#see({ age: 'late' })),
      web.clock.after(OLD, () => this.#see({ age: 'old' })),
    ];
    if (browsers.isOfEditor(address)) this.refuse();
    else this.#begin();
  }

  /** The address for the frame; undefined while not known, or if it must load nothing. */
  get source(): string | undefined {
    return this.#signs.isOfEditor ? undefined : this.#source;
  }

  get state(): PageState {
    return framePage(this.#signs);
  }

  answered(): void {
    if (this.#signs.hasAnswered) return;
    void this.context.browsers.forgetRefusal(this.address);
    this.#see({ hasAnswered: true });
  }

  unreached(): void {
    this.#see({ isUnreached: true });
  }

  /** The address has the editor's own origin; the window itself may detect that too. */
  refuse(): void {
    this.#signs = { ...this.#signs, isOfEditor: true };
  }

  dispose(): void {
    this.#gone.abort();
    this.channel.dispose();
    for (const alarm of this.#alarms) alarm.dispose();
  }

  #begin(): void {
    void this.#look();
    if (this.context.browsers.isRemote) void this.#findSource();
    else this.#source = this.address;
  }

  async #look(): Promise<void> {
    const { web, browsers } = this.context;
    const embedder = vscode.env.uiKind === vscode.UIKind.Web ? 'web' : 'desktop';
    try {
      const verdict = await lookAtPage(this.address, embedder, web, this.#gone.signal);
      this.#see({ verdict });
      const isRefused = verdict.kind === 'refuses' || verdict.kind === 'leadsElsewhere';
      if (isRefused && !this.#signs.hasAnswered) await browsers.noteRefusal(this.address);
    } catch {
      // the tab was closed or shows another address
    }
  }

  async #findSource(): Promise<void> {
    try {
      this.#source = await this.context.browsers.addressHere(this.address);
    } catch {
      this.#source = this.address; // no forwarded address was found, so the direct one is tried
    }
    if (!this.#gone.signal.aborted) this.changed();
  }

  #see(signs: Partial<FrameSigns>): void {
    if (this.#gone.signal.aborted) return;
    this.#signs = { ...this.#signs, ...signs };
    if (staysSilent(this.#signs)) this.channel.giveUp();
    this.changed();
  }
}
