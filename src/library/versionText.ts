import * as l10n from '@vscode/l10n';
import { serverText } from '../comfyui/serverText';
import { listText } from '../platform/language';
import type { Unstorable } from './unstorable';

/** How a file stands to the versions of its workflow. */
export interface Step {
  /** The version that it came from. */
  readonly version: number;
  /** Undefined while it is not known. */
  readonly newest: number | undefined;
  readonly isChanged: boolean;
}

/** `Version 3 · 2 versions behind · changed here`. */
export function stepText({ version, newest, isChanged }: Step): string {
  const behind = (newest ?? version) - version;
  const parts = [
    versionText(version),
    ...(behind > 0 ? [behind === 1 ? l10n.t('1 version behind') : l10n.t('{0} versions behind', behind)] : []),
    ...(isChanged ? [l10n.t('changed here')] : []),
    ...(newest !== undefined && behind <= 0 && !isChanged ? [l10n.t('in step')] : []),
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
