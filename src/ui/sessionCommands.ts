import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { ApiError } from '../core/api/errors';
import { isOpenable } from '../core/api/baseUrl';
import type { PriceList } from '../core/money/priceList';
import type { Session, SessionId } from '../core/model';
import { extendMenu, typedExtension, USUAL_MINUTES } from '../core/present/choices';
import { minutesText, timeOfDay } from '../core/present/durations';
import type { Facts } from '../core/present/facts';
import { capabilitiesOf } from '../core/present/rows';
import { stateText } from '../core/present/sessionText';
import type { Clock } from '../core/state/clock';
import { machineOf, ownSessions } from '../core/state/snapshot';
import type { Store } from '../core/state/store';
import type { Extension } from '../core/state/writes';
import { untilGone } from '../core/state/waits';
import type { CommandHandlers, CommandName } from './commands';
import { logCommands, type LogContext } from './logCommands';
import { pick, withProgress } from './pick';
import type { SessionTabs } from './sessionTabs';
import type { Targets } from './targets';

export interface SessionContext extends LogContext {
  readonly store: Store;
  readonly prices: PriceList;
  readonly facts: () => Facts;
  readonly targets: Targets;
  readonly tabs: Pick<SessionTabs, 'show' | 'reload'>;
  readonly clock: Clock;
}

/** How long an ended session may go on being billed before the user is told. */
const PATIENCE = 60_000;
const NOTE_FOR = 5_000;

/** What a notice adds to its target: by how much to extend. */
const Extra = z.object({ minutes: z.int().check(z.positive()) });

/** What can be done with a session that exists. */
export function sessionCommands(
  context: SessionContext,
): Pick<
  CommandHandlers,
  | 'openSession'
  | 'openSessionInBrowser'
  | 'reloadSession'
  | 'extendSession'
  | 'cancelSession'
  | 'cancelAllSessions'
  | 'copySessionUrl'
  | 'copySessionId'
  | 'sessionActions'
  | 'showSessionLog'
> {
  const { targets, tabs } = context;
  return {
    ...logCommands(context),

    async openSession(target) {
      const session = await targets.session(target, '+open', 'Open which session?');
      if (session) tabs.show(session);
    },

    async openSessionInBrowser(target) {
      const session = await targets.session(target, '+url', 'Open which session in the browser?');
      if (session) await vscode.env.openExternal(vscode.Uri.parse(addressOf(session), true));
    },

    async reloadSession(target) {
      const session = await targets.session(target, '+url', 'Reload the page of which session?');
      if (session) tabs.reload(session.id);
    },

    async extendSession(target) {
      const session = await targets.session(target, '+extend', 'Extend which session?');
      if (session) await extend(context, session, Extra.safeParse(target).data?.minutes);
    },

    async cancelSession(target) {
      const session = await targets.session(target, '+cancel', 'End which session?');
      if (session) await cancel(context, [session]);
    },

    async cancelAllSessions() {
      await cancel(context, ownSessions(context.facts().snapshot));
    },

    async copySessionUrl(target) {
      const session = await targets.session(target, '+url', 'Copy the address of which session?');
      if (!session) return;
      await vscode.env.clipboard.writeText(addressOf(session));
      vscode.window.setStatusBarMessage('$(warning) Address copied. Whoever has it controls the session.', NOTE_FOR);
    },

    async copySessionId(target) {
      const session = await targets.session(target, '+session', 'Copy the id of which session?');
      if (!session) return;
      await vscode.env.clipboard.writeText(session.id);
      vscode.window.setStatusBarMessage('Session id copied', NOTE_FOR);
    },

    async sessionActions(target) {
      const session = await targets.session(target, '+session', 'Act on which session?');
      if (session) await offerActions(context, session);
    },
  };
}

/** @throws {ApiError} if the session has no page yet, or one that must not be opened. */
function addressOf(session: Session): string {
  const url = 'url' in session ? session.url : undefined;
  if (url === undefined) throw new ApiError('refused', 'This session has no page yet. Wait until it is ready.');
  if (isOpenable(url)) return url;
  throw new ApiError('refused', 'The address of this session is neither https nor on this machine. It was not opened.');
}

/** @param asked minutes, where the question has been answered already. */
async function extend({ store, prices, facts }: SessionContext, session: Session, asked?: number): Promise<void> {
  await prices.refresh();
  const { now } = facts();
  const price = prices.current?.get(session.gpu);
  const minutes =
    asked ??
    (await pick({
      title: `Extend ${nameOf(session, facts())}, ${stateText(session, now)}`,
      placeholder: 'By how much? Choose, or type minutes (20) or the new end (15:40)',
      choices: extendMenu(session, price),
      preferred: USUAL_MINUTES,
      typed: (text) => typedExtension(text, session, now, price),
    }));
  if (typeof minutes !== 'number') return;
  const title = `Extending ${nameOf(session, facts())} by ${minutesText(minutes)}`;
  const done = await withProgress(title, (signal) => store.extend(session.id, minutes, signal));
  vscode.window.setStatusBarMessage(`$(check) ${extendedText(done)}`, NOTE_FOR);
}

function extendedText({ session }: Extension): string {
  return 'endsAt' in session ? `Session extended until ${timeOfDay(session.endsAt)}` : 'Session extended';
}

async function cancel(context: SessionContext, sessions: readonly Session[]): Promise<void> {
  if (sessions.length === 0 || !(await isConfirmed(context.facts(), sessions))) return;
  const title = sessions.length === 1 ? 'Ending the session' : `Ending ${sessions.length} sessions`;
  const results = await withProgress(title, (signal) =>
    Promise.allSettled(sessions.map(({ id }) => endOne(context, id, signal))),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  const isProven = results.every((result) => result.status === 'fulfilled' && result.value);
  if (!isProven)
    void vscode.window.showWarningMessage(
      'ComfyDeploy has taken the request, but a minute later the GPU is still billed. The tree shows it until it is gone.',
    );
}

/** Whether the end is proven: the server no longer knows the session. */
async function endOne({ store, clock }: SessionContext, id: SessionId, signal: AbortSignal): Promise<boolean> {
  await store.cancel(id, signal);
  return untilGone(store, clock, id, PATIENCE);
}

async function isConfirmed(facts: Facts, sessions: readonly Session[]): Promise<boolean> {
  const names = sessions.map((session) => `${nameOf(session, facts)}, ${stateText(session, facts.now)}`);
  const question = sessions.length === 1 ? `End the session on ${names.join('')}?` : `End ${sessions.length} sessions?`;
  const detail = `${sessions.length === 1 ? '' : `${names.join('\n')}\n\n`}What is unsaved in ComfyUI is lost, and a running render stops.`;
  const action = sessions.length === 1 ? 'End Session' : 'End All Sessions';
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, action)) === action;
}

function nameOf(session: Session, { snapshot }: Facts): string {
  const machine = machineOf(snapshot, session);
  return machine ? `${machine.name} (${session.gpu})` : session.gpu;
}

const ACTIONS: readonly { readonly label: string; readonly needs: string; readonly command: CommandName }[] = [
  { label: '$(vm) Open', needs: '+open', command: 'openSession' },
  { label: '$(clock) Extend…', needs: '+extend', command: 'extendSession' },
  { label: '$(debug-stop) End…', needs: '+cancel', command: 'cancelSession' },
  { label: '$(link-external) Open in Browser', needs: '+url', command: 'openSessionInBrowser' },
  { label: '$(output) Show Log', needs: '+session', command: 'showSessionLog' },
];

async function offerActions({ facts }: SessionContext, session: Session): Promise<void> {
  const can = ['+session', ...capabilitiesOf(session).split(' ')];
  const command = await pick<CommandName>({
    title: `${nameOf(session, facts())}, ${stateText(session, facts().now)}`,
    placeholder: 'What do you want to do?',
    choices: ACTIONS.filter(({ needs }) => can.includes(needs)).map((action) => ({
      value: action.command,
      label: action.label,
      description: '',
    })),
  });
  if (typeof command !== 'string') return;
  await vscode.commands.executeCommand(`comfydeploy.${command}`, { kind: 'session', sessionId: session.id });
}
