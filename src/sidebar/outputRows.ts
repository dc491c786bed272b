import * as l10n from '@vscode/l10n';
import { kindOf, type FileKind } from '../comfyui/fileKinds';
import { isPreview, keyOf, type OutputFile } from '../comfyui/outputs';
import { shownName } from '../comfyui/shownName';
import type { Recent, RecentFile } from '../outputs/sessionOutputs';
import type { SessionId } from '../comfydeploy/model';
import { aloud, minutesText, timeOfDay } from '../platform/durations';
import type { Icon, RowFields } from './rowFields';
import { DAY, MINUTE } from '../platform/units';

export interface OutputRowsInput {
  /** The recent outputs of a session, as far as they were fetched. */
  readonly outputsOf: (id: SessionId) => Recent;
  /** Server time, ms. */
  readonly now: number;
}

/** A row below a session: its outputs, one of their files, or why there are none. */
export type OutputRow = RowFields & { readonly sessionId: SessionId } & (
    | { readonly kind: 'outputs' }
    | { readonly kind: 'output'; readonly file: OutputFile }
    | { readonly kind: 'noOutputs' }
  );

const ICONS: Readonly<Record<FileKind, string>> = {
  image: 'file-media',
  video: 'device-camera-video',
  audio: 'unmute',
  '3D': 'package',
  text: 'file-code',
  file: 'file',
};

/** For screen readers, at the start of a sentence. */
function kindInWords(kind: FileKind): string {
  switch (kind) {
    case 'image':
      return l10n.t('Image');
    case 'video':
      return l10n.t('Video');
    case 'audio':
      return l10n.t('Audio');
    case '3D':
      return l10n.t('3D model');
    case 'text':
      return l10n.t('Text');
    case 'file':
      return l10n.t('File');
  }
}

/** The same in a row. */
export function kindText(kind: FileKind): string {
  switch (kind) {
    case 'image':
      return l10n.t('image');
    case 'video':
      return l10n.t('video');
    case 'audio':
      return l10n.t('audio');
    case '3D':
      return l10n.t('3D');
    case 'text':
      return l10n.t('text');
    case 'file':
      return l10n.t('file');
  }
}

/** The rows below a session, parents before their children. @param parent the id of the session's row. */
export function outputRowsOf(sessionId: SessionId, parent: string, input: OutputRowsInput): OutputRow[] {
  const recent = input.outputsOf(sessionId);
  const id = `outputs:${sessionId}`;
  const description = outputsText(recent, input.now);
  const top: OutputRow = {
    kind: 'outputs',
    id,
    sessionId,
    parent,
    label: l10n.t('Outputs'),
    description,
    isDimmed: false,
    hasChildren: true,
    icon: { id: 'folder-library' },
    contextValue: 'outputs',
    ariaLabel: [l10n.t('Outputs'), aloud(() => outputsText(recent, input.now))]
      .filter((part) => part !== '')
      .join(', '),
  };
  if (recent.kind === 'known' && recent.files.length > 0)
    return [top, ...recent.files.map((file) => fileRow(sessionId, id, file))];
  return [top, noFilesRow(sessionId, id, recent)];
}

/** `12, newest 3 min ago`. */
function outputsText(recent: Recent, now: number): string {
  if (recent.kind !== 'known') return '';
  const { files, hasMore, problem } = recent;
  const [newest] = files;
  if (!newest) return problem ? l10n.t('may be out of date') : '';
  const at = newest.finishedAt;
  const age = at === undefined ? [] : [l10n.t('newest {0}', ageText(now - at))];
  const count = hasMore ? l10n.t('last {0}', files.length) : String(files.length);
  return [count, ...age, ...(problem ? [l10n.t('may be out of date')] : [])].join(', ');
}

/** In whole minutes: more frequent changes would redraw the row under the pointer. */
function ageText(ms: number): string {
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 1) return l10n.t('just now');
  const days = Math.floor(ms / DAY);
  if (days >= 1) return days === 1 ? l10n.t('1 day ago') : l10n.t('{0} days ago', days);
  return l10n.t('{0} ago', minutesText(minutes));
}

function fileRow(sessionId: SessionId, parent: string, { file, finishedAt, picture, isSaved }: RecentFile): OutputRow {
  const kind = kindOf(file);
  const label = shownName(file.filename);
  const parts = [
    finishedAt === undefined ? '' : timeOfDay(finishedAt),
    kind === 'image' || kind === 'file' ? '' : kindText(kind),
    isPreview(file) ? l10n.t('preview') : '',
    isSaved ? l10n.t({ message: 'saved', comment: ['Beside a file: it lies in the folder for outputs'] }) : '',
    shownName(file.subfolder),
  ].filter((part) => part !== '');
  return {
    kind: 'output',
    id: `output:${sessionId}:${keyOf(file)}`,
    sessionId,
    file,
    parent,
    label,
    description: parts.join(' · '),
    icon: iconOf(kind, picture),
    contextValue: 'output',
    ariaLabel: [kindInWords(kind), label, ...parts].join(', '),
    isDimmed: false,
    hasChildren: false,
  };
}

function iconOf(kind: FileKind, picture: string | undefined): Icon {
  return { id: ICONS[kind], ...(picture === undefined ? {} : { picture }) };
}

function noFilesRow(sessionId: SessionId, parent: string, recent: Recent): OutputRow {
  const [label, description, icon] = noFilesText(recent);
  return {
    kind: 'noOutputs',
    id: `${parent}:none`,
    sessionId,
    parent,
    label,
    description,
    icon: { id: icon },
    contextValue: 'noOutputs',
    ariaLabel: description === '' ? label : `${label}, ${description}`,
    isDimmed: false,
    hasChildren: false,
  };
}

function noFilesText(recent: Recent): readonly [label: string, description: string, icon: string] {
  if (recent.kind === 'failed') return [l10n.t("Couldn't be read"), recent.error.message, 'warning'];
  if (recent.kind === 'known') return [l10n.t('None yet'), l10n.t('rendered files appear here'), 'info'];
  return [l10n.t('Loading…'), '', 'loading~spin'];
}
