import * as l10n from '@vscode/l10n';
import type { Account } from '../comfydeploy/model';
import type { Snapshot } from '../sessions/snapshot';

export interface AccountTextInput {
  readonly snapshot: Snapshot;
  /** The name of a member, by the user's id; undefined while it is not known. */
  readonly nameOf: (userId: string) => string | undefined;
}

/**
 * The server does not report the organization's name. Longer ids are shortened to their end, which distinguishes them.
 */
const LONGEST_ID = 12;
const END_OF_ID = 6;

/** The account, short enough for the view's title, which VS Code cuts off: `Ada Lovelace · org …f3kZ9a`. */
export function accountTitle({ snapshot, nameOf }: AccountTextInput): string | undefined {
  return snapshot.kind === 'ready' ? titleOf(snapshot.account, nameOf) : undefined;
}

/** The same of any account. */
export function titleOf({ userId, orgId }: Account, nameOf: AccountTextInput['nameOf']): string | undefined {
  const person = userId === undefined ? undefined : (nameOf(userId) ?? shortId(userId));
  return partsOf(person, orgId === undefined ? undefined : l10n.t('org {0}', shortId(orgId)));
}

/**
 * The account in full, and where the key comes from if that is unusual: `Ada Lovelace · organization org_2f3kZ9a · key
 * from the environment`.
 */
export function accountText({ snapshot, nameOf }: AccountTextInput): string | undefined {
  if (snapshot.kind !== 'ready') return undefined;
  const { userId, orgId } = snapshot.account;
  const person = userId === undefined ? undefined : (nameOf(userId) ?? userId);
  const organization = orgId === undefined ? undefined : l10n.t('organization {0}', orgId);
  return partsOf(
    person,
    organization,
    snapshot.keySource === 'environment' ? l10n.t('key from the environment') : undefined,
  );
}

function partsOf(...parts: readonly (string | undefined)[]): string | undefined {
  return parts.filter((part) => part !== undefined).join(' · ') || undefined;
}

function shortId(id: string): string {
  return id.length <= LONGEST_ID ? id : `…${id.slice(-END_OF_ID)}`;
}
