import * as l10n from '@vscode/l10n';
import type { Version } from '../comfydeploy/library';
import { serverText } from '../comfyui/serverText';
import { listText } from '../platform/language';
import type { Origin } from './origin';
import type { Unstorable } from './unstorable';

/** How a file stands to the versions of its workflow. */
export interface Step {
  /** The version that it came from. */
  readonly origin: Pick<Origin, 'version' | 'id'>;
  /** Undefined while it is not known. */
  readonly newest: Pick<Version, 'id' | 'number'> | 'gone' | undefined;
  readonly isChanged: boolean;
}

/** `Version 3 · 2 versions behind · changed here`. */
export function stepText({ origin: { version, id }, newest, isChanged }: Step): string {
  if (newest === 'gone') return `${versionText(version)} · ${l10n.t('workflow not found')}`;
  // Two may have the same number, and only one of them is the newest.
  const behind = newest && newest.id !== id ? Math.max(newest.number - version, Number(newest.number === version)) : 0;
  const parts = [
    versionText(version),
    ...(behind > 0 ? [behind === 1 ? l10n.t('1 version behind') : l10n.t('{0} versions behind', behind)] : []),
    ...(isChanged ? [l10n.t('changed here')] : []),
    ...(newest && behind <= 0 && !isChanged ? [l10n.t('in step')] : []),
  ];
  return parts.join(' · ');
}

export function versionText(number: number): string {
  return l10n.t('Version {0}', number);
}

/** `NaN (KSampler #3)`. */
export function unstorableText(found: readonly Unstorable[]): string {
  return listText(
    found.map(({ what, becomes, node }) => {
      const where = node ? ` (${serverText(node.type)} #${serverText(node.id)})` : '';
      return `${what}${becomes === undefined ? '' : ` → ${becomes}`}${where}`;
    }),
  );
}
