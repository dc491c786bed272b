import { hexOf } from '../platform/bytes';
import * as l10n from '@vscode/l10n';
import { SessionId } from '../comfydeploy/model';
import { safeName } from '../comfyui/fileNames';
import type { OutputFile } from '../comfyui/outputs';

/** What VS Code requests with one of our addresses. */
export interface NamedOutput {
  readonly sessionId: SessionId;
  readonly file: OutputFile;
}

/** The parts of an address that identify an output; of the path, everything after the first two levels. */
export interface OutputAddress {
  readonly authority: string;
  readonly path: string;
}

const USUAL = 'output';
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
const DASHES = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;
const LONGEST_PLACE = 60;
/** The number of path levels that are only shown, including the empty one before the first. */
const DECORATION = 3;
/** Characters that a path level cannot contain, or that are invisible. */
const UNFIT = /[%/\\\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * VS Code shows the path, level by level: `/sd-box L4/Outputs/video/clip.mp4`. The session is in the authority, which
 * is not shown, and which VS Code converts to lower case.
 * @param place the name of the session, only shown.
 */
export function outputAddress(
  { sessionId, file: { type, subfolder, filename } }: NamedOutput,
  place: string,
): OutputAddress {
  const levels = subfolder === '' ? [] : subfolder.split('/');
  const path = [safeName(place, LONGEST_PLACE), l10n.t('Outputs'), ...[...levels, filename].map(written)].join('/');
  const words = type === USUAL ? [sessionId] : [sessionId, type];
  return { authority: words.map(asWord).join('.'), path: `/${path}` };
}

/** Undefined if it is not one of our addresses. */
export function namedOutput({ authority, path }: OutputAddress): NamedOutput | undefined {
  try {
    return named(authority, path);
  } catch {
    return undefined; // not one of ours
  }
}

function named(authority: string, path: string): NamedOutput | undefined {
  const [session = '', type] = authority.split('.').map(readWord);
  const levels = path.split('/').slice(DECORATION).map(read);
  const filename = levels.pop();
  if (filename === undefined || filename === '') return undefined;
  const file = { type: type ?? USUAL, subfolder: levels.join('/'), filename };
  return { sessionId: SessionId.parse(session), file };
}

function written(level: string): string {
  if (level === '') return '%';
  const whole = level.replace(/\p{Cs}/gu, '\uFFFD');
  return /^\.\.?$/.test(whole) ? whole.replaceAll('.', '%2E') : whole.replace(UNFIT, encodeURIComponent);
}

function read(level: string): string {
  return level === '%' ? '' : decodeURIComponent(level);
}

/**
 * Lower-case letters and digits only, and short for usual ids: some browsers allow 63 characters for a part of a host.
 */
function asWord(text: string): string {
  if (UUID.test(text)) return text.replaceAll('-', '');
  return `x${hexOf(new TextEncoder().encode(text))}`;
}

function readWord(word: string): string {
  if (!word.startsWith('x')) return word.replace(DASHES, '$1-$2-$3-$4-$5');
  const pairs = word.slice(1).match(/../g) ?? [];
  return new TextDecoder().decode(Uint8Array.from(pairs, (pair) => parseInt(pair, 16)));
}
