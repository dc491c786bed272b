import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import { SessionId } from '../../comfydeploy/model';
import { openSession, type OpeningContext } from '../../page/ui/opening';
import { ApiError } from '../../platform/errors';
import { findSession } from '../../sessions/snapshot';
import type { Store } from '../../sessions/store';
import type { CreateFlow } from './createCommands';

export type ReadStore = Pick<Store, 'snapshot' | 'refresh'>;

export interface LinkContext extends OpeningContext {
  readonly store: ReadStore;
  readonly creating: Pick<CreateFlow, 'propose'>;
}

const SESSION = '/session/';
/** Characters of a link's query that are read. */
const LONGEST = 1_000;

/** The path of a link to a session, which says nothing of its address. */
export function pathTo(id: SessionId): string {
  return `${SESSION}${encodeURIComponent(id)}`;
}

/** Opens a session, or asks for a new one. Anybody can make a link, so it answers no question. @throws {ApiError} */
export async function followLink(
  { path, query }: Pick<vscode.Uri, 'path' | 'query'>,
  context: LinkContext,
): Promise<void> {
  const { store, creating } = context;
  const id = path.startsWith(SESSION) ? SessionId.safeParse(path.slice(SESSION.length)).data : undefined;
  if (id === undefined && path !== '/new') throw new ApiError('refused', l10n.t("This link can't be used."));
  await untilRead(store);
  if (id === undefined) return creating.propose(Object.fromEntries(new URLSearchParams(query.slice(0, LONGEST))));
  const session = findSession(store.snapshot, id);
  if (session) return openSession(context, session);
  throw new ApiError('missing', overText());
}

export function overText(): string {
  return l10n.t('This session has ended, or belongs to another account.');
}

/** Reads the lists. @throws {ApiError} if nobody is signed in, or nothing can be read. */
export async function untilRead(store: ReadStore): Promise<void> {
  await store.refresh();
  const { snapshot } = store;
  if (snapshot.kind === 'failed') throw snapshot.problem.error;
  if (snapshot.kind !== 'ready') throw new ApiError('unauthorized', l10n.t('You are not signed in.'));
}
