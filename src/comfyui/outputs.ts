import * as z from 'zod/mini';
import { isMadeUp } from './promptGraph';
import { finishOf, isObject, listOf, ObjectWire } from './wire';

/** A file as the server names it: the name may contain anything but a slash. */
export interface OutputFile {
  readonly filename: string;
  /** `/` between its levels; empty for none. */
  readonly subfolder: string;
  /** `output`, `temp` (previews) or `input`. */
  readonly type: string;
}

/** A prompt that has ended, with its files. */
export interface Run {
  readonly promptId: string;
  /** Saved files, without previews. */
  readonly files: readonly OutputFile[];
  /** The files to show: see `shownFiles`. */
  readonly shown: readonly OutputFile[];
  /** When it ended, ComfyUI's clock, ms; undefined if ComfyUI keeps no times. */
  readonly at: number | undefined;
  /** The drawn graph, if it was sent with the prompt. */
  readonly graph: unknown;
  /** The prompt, in API format. */
  readonly prompt: unknown;
  /** ComfyUI lists more than is read, so files may be missing. */
  readonly isCut: boolean;
}

const KEPT = 'output';
const PREVIEW = 'temp';

/** A video may be saved as single pictures. */
const MOST_FILES = 20_000;
/** The most items examined: nodes also show texts and numbers. */
const MOST_ITEMS = 100_000;

const Entry = z.lazy(() => z.object({ outputs: z.optional(z.unknown()), prompt: z.optional(z.unknown()) }));
const Extra = z.lazy(() => z.object({ extra_pnginfo: z.object({ workflow: z.unknown() }) }));

/**
 * The answer of `/history`, oldest first. Of the data posted with a prompt only the graph is read: the rest may contain
 * keys to paid services.
 */
export const HistoryWire = z.lazy(() =>
  z.pipe(
    ObjectWire,
    z.transform((history) => Object.keys(history).map((promptId) => runOf(promptId, history[promptId]))),
  ),
);

/** One entry of it. */
export function runOf(promptId: string, entry: unknown): Run {
  const { prompt: posted, outputs } = z.safeParse(Entry, entry).data ?? {};
  const [, , prompt, extra] = listOf(posted);
  const drawn = z.safeParse(Extra, extra).data?.extra_pnginfo.workflow;
  const graph = isObject(drawn) && !isMadeUp(drawn) ? drawn : undefined;
  const { files, isCut } = filesIn(outputs);
  return { promptId, files: keptOf(files), shown: shownFiles(files), at: finishOf(entry), graph, prompt, isCut };
}

/** A run whose entry is too large to be read at all. */
export function unreadRun(offset: number): Run {
  const nothing = { files: [], shown: [], at: undefined, graph: undefined, prompt: undefined };
  // eslint-disable-next-line texts/marked -- an id, written into files
  return { promptId: `number ${offset + 1} of the history`, ...nothing, isCut: true };
}

/** The saved files of a run, or else its previews, which are gone once ComfyUI restarts. */
export function shownFiles(files: readonly OutputFile[]): readonly OutputFile[] {
  const kept = keptOf(files);
  return kept.length > 0 ? kept : files.filter(isPreview);
}

export function isPreview({ type }: OutputFile): boolean {
  return type === PREVIEW;
}

function keptOf(files: readonly OutputFile[]): readonly OutputFile[] {
  return files.filter(({ type }) => type === KEPT);
}

/**
 * The files in a node's outputs: every item of any list that has a file name and a type. The list's name is not
 * reliable.
 */
export function filesIn(outputs: unknown): { readonly files: readonly OutputFile[]; readonly isCut: boolean } {
  const files: OutputFile[] = [];
  let count = 0;
  for (const item of itemsIn(outputs)) {
    if (count++ >= MOST_ITEMS || files.length >= MOST_FILES) return { files, isCut: true };
    const file = fileIn(item);
    if (file) files.push(file);
  }
  return { files, isCut: false };
}

/** Also yields for each node and list, since these take time too. */
function* itemsIn(outputs: unknown): Generator<unknown, void, undefined> {
  for (const node of membersOf(outputs)) {
    yield undefined;
    for (const list of membersOf(node)) {
      yield undefined;
      yield* listOf(list);
    }
  }
}

/** Without a schema, which takes ten times as long, and a thousand times for items that do not fit. */
function fileIn(item: unknown): OutputFile | undefined {
  if (!isObject(item)) return undefined;
  const { filename, type, subfolder = '' } = item;
  if (typeof filename !== 'string' || filename === '' || typeof type !== 'string') return undefined;
  if (subfolder === null) return { filename, type, subfolder: '' };
  return typeof subfolder === 'string' ? { filename, type, subfolder } : undefined;
}

/** Identifies a file: a rerun without changes names the same files again. */
export function keyOf({ type, subfolder, filename }: OutputFile): string {
  return JSON.stringify([type, subfolder, filename]);
}

function membersOf(value: unknown): readonly unknown[] {
  return isObject(value) ? Object.values(value) : listOf(value);
}
