import * as l10n from '@vscode/l10n';
import { kindOf } from '../comfyui/fileKinds';
import { isPreview, keyOf, type OutputFile } from '../comfyui/outputs';
import { kindText } from './outputRows';
import type { Recent } from '../outputs/sessionOutputs';
import type { SessionId } from '../comfydeploy/model';
import { timeOfDay } from '../platform/durations';
import { shownName } from '../comfyui/shownName';
import { bytesText } from '../outputs/savedText';
import type { Tooltip } from '../platform/tooltip';

export interface OutputTooltipInput {
  /** The recent outputs of a session, as far as they were fetched. */
  readonly outputsOf: (id: SessionId) => Recent;
}

/** What is known about a file. @param size bytes, if it was fetched. */
export function outputTooltip(
  id: SessionId,
  file: OutputFile,
  size: number | undefined,
  { outputsOf }: OutputTooltipInput,
): Tooltip {
  const recent = outputsOf(id);
  const key = keyOf(file);
  const known = recent.kind === 'known' ? recent.files.find((one) => keyOf(one.file) === key) : undefined;
  const lines: readonly (readonly [string, string | undefined])[] = [
    [l10n.t('Kind'), kindText(kindOf(file))],
    [l10n.t('Size'), size === undefined ? undefined : bytesText(size)],
    [l10n.t('Finished'), known?.finishedAt === undefined ? undefined : timeOfDay(known.finishedAt)],
    [l10n.t('Preview'), isPreview(file) ? l10n.t('not saved by “Save Outputs…”: save it separately') : undefined],
    [l10n.t('Folder'), file.subfolder === '' ? undefined : shownName(file.subfolder)],
  ];
  return {
    title: shownName(file.filename),
    lines: lines.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    ...(known?.picture === undefined ? {} : { picture: known.picture }),
  };
}

/** The tooltip of the list itself. */
export function outputsTooltip(id: SessionId, { outputsOf }: OutputTooltipInput): Tooltip {
  const recent = outputsOf(id);
  const problem = recent.kind === 'failed' ? recent.error : recent.kind === 'known' ? recent.problem : undefined;
  const hasMore = recent.kind === 'known' && recent.hasMore;
  return {
    title: l10n.t('Outputs'),
    lines: [[l10n.t('Contents'), l10n.t('the latest files of this session; they are gone when it ends')]],
    ...(problem
      ? { note: problem.message }
      : hasMore
        ? { note: l10n.t('There are more, older ones. “Save Outputs…” saves all of them.') }
        : {}),
  };
}
