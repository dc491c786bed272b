import type { Snapshot } from '../core/state/snapshot';

export interface AccountTextInput {
  readonly snapshot: Snapshot;
  /** The name of a member, by the user's id; undefined while it is not known. */
  readonly nameOf: (userId: string) => string | undefined;
}

/** Whose sessions these are, for the view's title: the person's name, whether it is an organisation's view, and an unusual key. */
export function accountText({ snapshot, nameOf }: AccountTextInput): string | undefined {
  if (snapshot.kind !== 'ready') return undefined;
  const { userId, orgId } = snapshot.account;
  const parts = [
    userId === undefined ? undefined : (nameOf(userId) ?? userId),
    orgId === undefined ? undefined : 'organisation',
    snapshot.keySource === 'environment' ? 'environment key' : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(', ') || undefined;
}
