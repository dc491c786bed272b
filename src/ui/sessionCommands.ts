import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { ApiError } from '../core/api/errors';
import { isOpenable } from '../core/api/baseUrl';
import type { PriceList } from '../core/money/priceList';
import type { Session } from '../core/model';
import type { Wish } from '../core/guard/wishes';
import { extendMenu, typedExtension, USUAL_MINUTES } from '../core/present/choices';
import { minutesText, timeOfDay } from '../core/present/durations';
import { abilitiesOf } from '../core/present/rows';
import { stateText } from '../core/present/sessionText';
import { ownSessions } from '../core/state/snapshot';
import type { Extension } from '../core/state/writes';
import type { CommandHandlers, CommandName } from './commands';
import { askToEnd, endSessions, nameOf, type EndContext } from './endSessions';
import { logCommands, type LogContext } from './logCommands';
import { pick, withProgress } from './pick';
import type { SessionTabs } from './sessionTabs';
import type { Targets } from './targets';

export interface SessionContext extends EndContext, LogContext {
  readonly prices: PriceList;
  readonly targets: Targets;
  readonly tabs: Pick<SessionTabs, 'show' | 'reload'>;
}

const NOTE_FOR = 5_000;

/** What a notice adds to its target: by how much to extend. */
const Extra = z.object({ minutes: z.int().check(z.positive()) });
/** From a notice that has told already what would be lost. */
const Agreed = z.object({ isAgreed: z.literal(true) });

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
      if (session) await (Agreed.safeParse(target).success ? endSessions : askToEnd)(context, [session]);
    },

    async cancelAllSessions() {
      await askToEnd(context, ownSessions(context.facts().snapshot));
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

interface Action {
  readonly label: string;
  readonly needs: string;
  readonly command: CommandName;
}

const actionsFor = ({ keepAlive, finishThenEnd, endWhenIdle }: Wish): readonly Action[] => [
  { label: '$(vm) Open', needs: '+open', command: 'openSession' },
  { label: '$(clock) Extend…', needs: '+extend', command: 'extendSession' },
  { label: `$(${mark(keepAlive)}) Keep Alive While Rendering`, needs: '+guard', command: 'keepAlive' },
  { label: `$(${mark(endWhenIdle !== undefined)}) End When Idle…`, needs: '+guard', command: 'endWhenIdle' },
  { label: `$(${mark(finishThenEnd)}) End When Queue Is Empty`, needs: '+guard', command: 'finishThenEnd' },
  { label: '$(debug-stop) End…', needs: '+cancel', command: 'cancelSession' },
  { label: '$(link-external) Open in Browser', needs: '+url', command: 'openSessionInBrowser' },
  { label: '$(output) Show Log', needs: '+session', command: 'showSessionLog' },
];

/** A codicon that says whether it is so now. */
const mark = (isOn: boolean) => (isOn ? 'check' : 'circle-large-outline');

async function offerActions({ facts }: SessionContext, session: Session): Promise<void> {
  const can = ['+session', ...abilitiesOf(session, facts().snapshot)];
  const command = await pick<CommandName>({
    title: `${nameOf(session, facts())}, ${stateText(session, facts().now)}`,
    placeholder: 'What do you want to do?',
    choices: actionsFor(facts().wishOf(session.id))
      .filter(({ needs }) => can.includes(needs))
      .map((action) => ({
        value: action.command,
        label: action.label,
        description: '',
      })),
  });
  if (typeof command !== 'string') return;
  await vscode.commands.executeCommand(`comfydeploy.${command}`, { kind: 'session', sessionId: session.id });
}
