import * as z from 'zod/mini';
import { isMadeUp } from './promptGraph';
import { finishOf } from './wire';

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
}

const KEPT = 'output';
const PREVIEW = 'temp';

const File = z.lazy(() =>
  z.object({
    filename: z.string().check(z.minLength(1)),
    subfolder: z.optional(z.nullable(z.string())),
    type: z.string(),
  }),
);
const Entry = z.lazy(() => z.object({ outputs: z.optional(z.unknown()), prompt: z.optional(z.unknown()) }));
const Extra = z.lazy(() => z.object({ extra_pnginfo: z.object({ workflow: z.unknown() }) }));

/**
 * The answer of `/history`, oldest first. Of what was posted along nothing but the graph is taken: the rest may hold
 * keys to paid services.
 */
export const HistoryWire = z.lazy(() =>
  z.pipe(
    z.looseObject({}),
    z.transform((history) => Object.entries(history).map(([promptId, entry]) => runOf(promptId, entry))),
  ),
);

function runOf(promptId: string, entry: unknown): Run {
  const { prompt: posted, outputs } = z.safeParse(Entry, entry).data ?? {};
  const [, , prompt, extra] = listOf(posted);
  const drawn = z.safeParse(Extra, extra).data?.extra_pnginfo.workflow;
  const graph = isObject(drawn) && !isMadeUp(drawn) ? drawn : undefined;
  const all = filesIn(outputs);
  return { promptId, files: keptOf(all), shown: broughtForth(all), at: finishOf(entry), graph, prompt };
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
export function filesIn(outputs: unknown): readonly OutputFile[] {
  const items = membersOf(outputs).flatMap(membersOf).flatMap(listOf);
  return items.flatMap((item) => {
    const file = z.safeParse(File, item);
    if (!file.success) return [];
    const { filename, type, subfolder } = file.data;
    return [{ filename, type, subfolder: subfolder ?? '' }];
  });
}

/** A rerun that changed nothing names the same files again. */
export function keyOf({ type, subfolder, filename }: OutputFile): string {
  return JSON.stringify([type, subfolder, filename]);
}

/** Each file once, in the order in which they were first named. */
export function distinct(files: readonly OutputFile[]): readonly OutputFile[] {
  return [...new Map(files.map((file) => [keyOf(file), file])).values()];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
