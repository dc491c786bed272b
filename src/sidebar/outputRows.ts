import { kindOf, type FileKind } from '../comfyui/fileKinds';
import { isPreview, keyOf, type OutputFile } from '../comfyui/outputs';
import { shownName } from '../comfyui/shownName';
import type { Recent, RecentFile } from '../outputs/shelf';
import type { SessionId } from '../comfydeploy/model';
import { aloud, minutesText, timeOfDay } from '../platform/durations';
import type { Icon, RowFacts } from './rowFacts';

export interface OutputRowsInput {
  /** What a session has brought forth lately, as far as somebody has looked. */
  readonly outputsOf: (id: SessionId) => Recent;
  /** Server time, ms. */
  readonly now: number;
}

/** What stands below a session: its outputs, in them its files, or a word about why there are none. */
export type OutputRow = RowFacts & { readonly sessionId: SessionId } & (
    | { readonly kind: 'outputs' }
    | { readonly kind: 'output'; readonly file: OutputFile }
    | { readonly kind: 'noOutputs' }
  );

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;

const ICONS: Readonly<Record<FileKind, string>> = {
  image: 'file-media',
  video: 'device-camera-video',
  audio: 'unmute',
  '3D': 'package',
  text: 'file-code',
  file: 'file',
};

const SPOKEN: Readonly<Record<FileKind, string>> = {
  image: 'Image',
  video: 'Video',
  audio: 'Audio',
  '3D': '3D model',
  text: 'Text',
  file: 'File',
};

/** The rows below a session, parents before their children. @param parent the id of the session's row. */
export function outputRowsOf(sessionId: SessionId, parent: string, facts: OutputRowsInput): OutputRow[] {
  const recent = facts.outputsOf(sessionId);
  const id = `outputs:${sessionId}`;
  const description = outputsText(recent, facts.now);
  const top: OutputRow = {
    kind: 'outputs',
    id,
    sessionId,
    parent,
    label: 'Outputs',
    description,
    isDimmed: false,
    hasChildren: true,
    icon: { id: 'folder-library' },
    contextValue: 'outputs',
    spoken: ['Outputs', aloud(() => outputsText(recent, facts.now))].filter((part) => part !== '').join(', '),
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
  if (!newest) return problem ? 'may be out of date' : '';
  const at = newest.finishedAt;
  const age = at === undefined ? [] : [`newest ${ageText(now - at)}`];
  const count = hasMore ? `last ${files.length}` : String(files.length);
  return [count, ...age, ...(problem ? ['may be out of date'] : [])].join(', ');
}

/** In whole minutes: a row that changes more often is redrawn under the pointer. */
function ageText(ms: number): string {
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 1) return 'just now';
  const days = Math.floor(minutes / DAY_MINUTES);
  if (days >= 1) return days === 1 ? '1 day ago' : `${days} days ago`;
  return `${minutesText(minutes)} ago`;
}

function fileRow(sessionId: SessionId, parent: string, { file, finishedAt, picture }: RecentFile): OutputRow {
  const kind = kindOf(file);
  const label = shownName(file.filename);
  const parts = [
    finishedAt === undefined ? '' : timeOfDay(finishedAt),
    kind === 'image' || kind === 'file' ? '' : kind,
    isPreview(file) ? 'preview' : '',
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
    spoken: [SPOKEN[kind], label, ...parts].join(', '),
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
    spoken: description === '' ? label : `${label}, ${description}`,
    isDimmed: false,
    hasChildren: false,
  };
}

function noFilesText(recent: Recent): readonly [label: string, description: string, icon: string] {
  if (recent.kind === 'failed') return ['Could not be read', recent.error.message, 'warning'];
  if (recent.kind === 'known') return ['None yet', 'what is rendered appears here', 'info'];
  return ['Loading…', '', 'loading~spin'];
}
