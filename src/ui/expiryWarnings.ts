import * as vscode from 'vscode';
import { climb, isQuiet, isTrustworthy, type Ladder, type Warning } from '../core/guard/ladder';
import type { Seat } from '../core/guard/seat';
import type { SessionId } from '../core/model';
import { costText } from '../core/present/choices';
import { minutesText, timeOfDay } from '../core/present/durations';
import type { Facts } from '../core/present/facts';
import { machineOf } from '../core/state/snapshot';

const EXTENSIONS: readonly number[] = [15, 60];
const MUTE = 'Mute';

/** Says in time that a session is about to end, once for each rung, in the window that is in use and has the seat. */
export class ExpiryWarnings {
  readonly #muted = new Set<SessionId>();
  #ladder: Ladder = new Map();

  constructor(
    private readonly facts: () => Facts,
    private readonly seat: Pick<Seat, 'isMine' | 'confirm'>,
    private readonly report: (error: unknown) => void,
  ) {}

  redraw(): void {
    const { snapshot, now, localNow, warnAt: rungs } = this.facts();
    // An unused window climbs no rung, so that what became due meanwhile is said when it is used again.
    if (!this.seat.isMine || !vscode.window.state.focused) return;
    if (snapshot.kind !== 'ready' || !isTrustworthy(snapshot, localNow)) return;
    const { ladder, warnings } = climb(this.#ladder, snapshot, now, {
      rungs,
      muted: this.#muted,
      held: new Set(),
      watchOthers: false,
    });
    this.#ladder = ladder;
    for (const warning of warnings) if (!isQuiet(warning.rung, rungs)) this.#warn(warning).catch(this.report);
  }

  async #warn({ session }: Warning): Promise<void> {
    if (!(await this.seat.confirm())) return;
    const { snapshot, prices } = this.facts();
    const name = machineOf(snapshot, session)?.name;
    const price = prices?.get(session.gpu);
    const ways = EXTENSIONS.map((minutes) => ({ minutes, title: `Extend ${minutesText(minutes)}` }));
    const cost = price === undefined ? '' : ` Another hour costs ${costText(price, 60)}.`;
    // A notice cannot be taken back or changed, so it says what stays true: when, not in how long.
    const text = `${session.gpu}${name === undefined ? '' : ` on ${name}`} ends at ${timeOfDay(session.endsAt)}.${cost}`;
    const chosen = await vscode.window.showWarningMessage(text, ...ways.map(({ title }) => title), MUTE);
    if (chosen === MUTE) this.#muted.add(session.id);
    const minutes = ways.find(({ title }) => title === chosen)?.minutes;
    if (minutes === undefined) return;
    const target = { kind: 'session', sessionId: session.id, minutes };
    await vscode.commands.executeCommand('comfydeploy.extendSession', target);
  }

  dispose(): void {
    this.#muted.clear();
  }
}
