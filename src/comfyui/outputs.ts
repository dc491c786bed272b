import * as z from 'zod/mini';
import { isMadeUp } from './promptGraph';
import { finishOf, isObject, listOf, ObjectWire } from './wire';

/** A file as the server names it: the name may hold anything but a slash. */
export interface OutputFile {
  readonly filename: string;
  /** `/` between its levels; empty for none. */
  readonly subfolder: string;
  /** `output`, `temp` (previews) or `input`. */
  readonly type: string;
}

/** A prompt that is over, with whatever it has brought forth. */
export interface Run {
  readonly promptId: string;
  /** What it wrote to keep: no previews. */
  readonly files: readonly OutputFile[];
  /** What it is shown to have brought forth: see `broughtForth`. */
  readonly shown: readonly OutputFile[];
  /** When it was over, ComfyUI's clock, ms; undefined where it keeps no times. */
  readonly at: number | undefined;
  /** The graph as the page draws it, where whoever queued it sent it along. */
  readonly graph: unknown;
  /** What was run, in the API's format. */
  readonly prompt: unknown;
  /** ComfyUI tells more of it than is read: files may be missing. */
  readonly isCut: boolean;
}

const KEPT = 'output';
const PREVIEW = 'temp';

/** A video may be written picture by picture. */
const MOST_FILES = 20_000;
/** Looked at for files: nodes also show texts and numbers. */
const MOST_ITEMS = 100_000;

const Entry = z.lazy(() => z.object({ outputs: z.optional(z.unknown()), prompt: z.optional(z.unknown()) }));
const Extra = z.lazy(() => z.object({ extra_pnginfo: z.object({ workflow: z.unknown() }) }));

/**
 * The answer of `/history`, oldest first. Of what was posted along nothing but the graph is taken: the rest may hold
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
  return { promptId, files: keptOf(files), shown: broughtForth(files), at: finishOf(entry), graph, prompt, isCut };
}

/** One of which ComfyUI tells more than can be read at all. */
export function unreadRun(offset: number): Run {
  const nothing = { files: [], shown: [], at: undefined, graph: undefined, prompt: undefined };
  // eslint-disable-next-line texts/marked -- an id, written into files
  return { promptId: `number ${offset + 1} of the history`, ...nothing, isCut: true };
}

/** What a run wrote to keep; where that is nothing, its previews: they are gone once ComfyUI restarts. */
export function broughtForth(files: readonly OutputFile[]): readonly OutputFile[] {
  const kept = keptOf(files);
  return kept.length > 0 ? kept : files.filter(isPreview);
}

export function isPreview({ type }: OutputFile): boolean {
  return type === PREVIEW;
}

function keptOf(files: readonly OutputFile[]): readonly OutputFile[] {
  return files.filter(({ type }) => type === KEPT);
}

/** Whatever a node shows: any item of a list that names a file and its type is one. The list's own name tells nothing. */
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

/** Also one for each node, and each list of it: they take their time, too. */
function* itemsIn(outputs: unknown): Generator<unknown, void, undefined> {
  for (const node of membersOf(outputs)) {
    yield undefined;
    for (const list of membersOf(node)) {
      yield undefined;
      yield* listOf(list);
    }
  }
}

/** By hand: a schema takes ten times as long, and a thousand times where it does not fit. */
function fileIn(item: unknown): OutputFile | undefined {
  if (!isObject(item)) return undefined;
  const { filename, type, subfolder = '' } = item;
  if (typeof filename !== 'string' || filename === '' || typeof type !== 'string') return undefined;
  if (subfolder === null) return { filename, type, subfolder: '' };
  return typeof subfolder === 'string' ? { filename, type, subfolder } : undefined;
}

/** A rerun that changed nothing names the same files again. */
export function keyOf({ type, subfolder, filename }: OutputFile): string {
  return JSON.stringify([type, subfolder, filename]);
}

function membersOf(value: unknown): readonly unknown[] {
  return isObject(value) ? Object.values(value) : listOf(value);
}
