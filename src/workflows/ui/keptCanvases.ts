import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Session, SessionId } from '../../comfydeploy/model';
import { nodesOf } from '../../comfyui/workflow';
import { stableWorkflowInSlices } from '../../comfyui/stableJson';
import type { SessionTabs } from '../../page/ui/sessionTabs';
import { atMost, type Clock } from '../../platform/clock';
import { endTime } from '../../platform/durations';
import type { Disposable } from '../../platform/emitter';
import { ApiError } from '../../platform/errors';
import type { CommandHandlers } from '../../platform/ui/commands';
import { pick } from '../../platform/ui/pick';
import { Slices } from '../../platform/slices';
import type { Settings } from '../../platform/ui/settings';
import { MINUTE } from '../../platform/units';
import { sessionName } from '../../sessions/sessionText';
import { endOrNever } from '../../sessions/deadline';
import { findSession, sessionsOf, type Snapshot } from '../../sessions/snapshot';
import { LONGEST_CANVAS, type CanvasStore, type KeptCanvas } from '../canvasStore';
import { workflowInText, type WorkflowFile } from './workflowFile';

export interface KeptCanvasesContext {
  /** `now` is server time, ms. */
  readonly appState: () => { readonly snapshot: Snapshot; readonly now: number };
  readonly tabs: Pick<SessionTabs, 'isAny' | 'touched' | 'graphOf'>;
  readonly store: CanvasStore;
  readonly settings: Settings;
  readonly clock: Clock;
  /** A session with a page; undefined if the user cancels. */
  readonly sessionFor: (ask: string) => Promise<Session | undefined>;
  readonly open: (session: Session, file: WorkflowFile) => Promise<void>;
}

/** How often canvases are read: a page needs a second or two to send its own. */
const EVERY = 3 * MINUTE;
/** The last reading before an end that is known, ms before it: what is drawn afterwards is not read. */
const BEFORE_END = 45_000;
const LONGEST_READING = 30_000;

/** Stores the canvases of this window's pages regularly, for after an expiry, a crash or a closed tab. */
export class KeptCanvases implements Disposable {
  readonly #closing = new AbortController();
  /** What was last stored of each session here. */
  readonly #kept = new Map<SessionId, string>();
  readonly #isOn: () => boolean;
  #alarm: Disposable | undefined;
  /** When it rings; steady clock, ms. */
  #due = 0;
  /** Steady clock, ms. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #wasOn = false;

  constructor(private readonly context: KeptCanvasesContext) {
    this.#isOn = context.settings.reading((from) => from.get<unknown>('keepCanvas', true) === true);
  }

  redraw(): void {
    const isOn = this.#isOn();
    // A user who turns this off wants nothing stored. If the disk fails, it is deleted the next time.
    if (!isOn && this.#wasOn) this.context.store.clear().catch(() => undefined);
    this.#wasOn = isOn;
    if (!isOn || !this.context.tabs.isAny) return;
    const wait = this.#untilNext();
    const due = this.context.clock.monotonic() + wait;
    if (this.#alarm && this.#due <= due) return;
    this.#alarm?.dispose();
    this.#due = due;
    this.#alarm = this.context.clock.after(wait, () => {
      void this.#look().finally(() => {
        this.#alarm = undefined;
        if (!this.#closing.signal.aborted) this.redraw();
      });
    });
  }

  dispose(): void {
    this.#closing.abort();
    this.#alarm?.dispose();
  }

  /** Opens a stored canvas in a session. */
  readonly restore: CommandHandlers['restoreCanvas'] = async () => {
    const { store, sessionFor, open } = this.context;
    const all = await store.all();
    if (all.length === 0) throw new ApiError('missing', l10n.t('No canvas has been kept yet.'));
    const chosen = await this.#choose(all);
    if (!chosen) return;
    const text = await store.textOf(chosen);
    const workflow = await workflowInText(text, this.context.clock);
    if (!workflow) throw new ApiError('missing', l10n.t('This canvas can no longer be read.'));
    const name = l10n.t('Canvas of {0}', chosen.name);
    const session = await sessionFor(l10n.t('Open {0} in which session?', name));
    const uri = vscode.Uri.from({ scheme: 'untitled', path: 'canvas.json' });
    if (session) await open(session, { uri, name, text, workflow });
  };

  async #choose(all: readonly KeptCanvas[]): Promise<KeptCanvas | undefined> {
    const { clock } = this.context;
    const choices = all.map((one) => ({
      value: one,
      label: one.name,
      description: [
        endTime(one.at, clock.now()),
        one.nodes === 1 ? l10n.t('1 node') : l10n.t('{0} nodes', one.nodes),
      ].join(' · '),
    }));
    const chosen = await pick<KeptCanvas>({
      title: l10n.t('Restore Canvas'),
      placeholder: l10n.t('Which one?'),
      choices,
    });
    return typeof chosen === 'symbol' ? undefined : chosen;
  }

  #untilNext(): number {
    const { snapshot, now } = this.context.appState();
    const lasts = sessionsOf(snapshot).map((session) => endOrNever(session) - BEFORE_END - now);
    return Math.min(EVERY, ...lasts.filter((wait) => wait > 0));
  }

  async #look(): Promise<void> {
    const { tabs, clock } = this.context;
    const since = this.#lookedAt;
    this.#lookedAt = clock.monotonic();
    for (const id of this.#isOn() ? tabs.touched(since) : []) {
      // Not essential: the next round stores it.
      await atMost(clock, LONGEST_READING, this.#keep(id)).catch(() => undefined);
    }
  }

  async #keep(id: SessionId): Promise<void> {
    const { tabs, store, appState, clock } = this.context;
    const graph = await tabs.graphOf(id, this.#closing.signal);
    const { snapshot } = appState();
    const session = findSession(snapshot, id);
    if (!graph || !session) return;
    const text = await stableWorkflowInSlices(graph, new Slices(clock, this.#closing.signal));
    const nodes = nodesOf(graph).length;
    if (nodes === 0 || text.length > LONGEST_CANVAS || this.#kept.get(id) === text) return;
    await store.keep({ sessionId: id, name: sessionName(session, snapshot), at: clock.now(), nodes }, text);
    this.#kept.set(id, text);
  }
}
