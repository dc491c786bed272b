import type { Facts } from '../core/present/facts';

/** Whose sessions these are, for the view's title: the person's name, whether it is an organisation's view, and an unusual key. */
export function accountText({ snapshot, nameOf }: Facts): string | undefined {
  if (snapshot.kind !== 'ready') return undefined;
  const { userId, orgId } = snapshot.account;
  const parts = [
    userId === undefined ? undefined : (nameOf(userId) ?? userId),
    orgId === undefined ? undefined : 'organisation',
    snapshot.keySource === 'environment' ? 'environment key' : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(', ') || undefined;
}
