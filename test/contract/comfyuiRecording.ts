import samples from '../fixtures/comfyui-samples.json';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly raw?: string;
  /** Fields of a multipart form; "(file NAME)" stands for a file. */
  readonly form?: Readonly<Record<string, string>>;
}

export interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cors: boolean;
  readonly json?: unknown;
  readonly text?: string;
  /** The first four bytes, in hex. */
  readonly magic?: string;
}

export interface RecordedMessage {
  readonly type?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** Of a binary frame. */
  readonly event?: number;
}

export const recordedPairs: readonly (readonly [
  string,
  { readonly request: RecordedRequest; readonly answer: RecordedAnswer },
])[] = Object.entries(samples.http);

export const recordedCors: Readonly<Record<string, string>> = samples.cors;

export function recordedTrace(name: keyof typeof samples.ws): readonly RecordedMessage[] {
  return samples.ws[name];
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The path where a value is shaped unlike the recorded one; undefined if there is none. */
export function misshapen(value: unknown, recorded: unknown, path = '$'): string | undefined {
  if (typeof recorded === 'string' && recorded.startsWith('(trimmed')) return undefined;
  if (Array.isArray(value) && Array.isArray(recorded)) return misshapenList(value, recorded, path);
  const [ours, theirs] = [kindOf(value), kindOf(recorded)];
  if (ours !== theirs) return `${path}: ${ours}, not ${theirs}`;
  if (!isObject(value) || !isObject(recorded)) return undefined;

  const [own, wanted] = [members(value), members(recorded)];
  const difference = [...own.keys()]
    .filter((key) => !wanted.has(key))
    .concat([...wanted.keys()].filter((key) => !own.has(key)));
  if (difference.length > 0) return `${path}: differs in ${difference.join(', ')}`;
  return [...wanted].map(([key, each]) => misshapen(own.get(key), each, `${path}.${key}`)).find(Boolean);
}

/** A tuple is compared by position; each item of a list must be shaped like some recorded item. */
function misshapenList(value: readonly unknown[], recorded: readonly unknown[], path: string): string | undefined {
  const [own, wanted] = [value.filter(isSaid), recorded.filter(isSaid)];
  if (own.length === 0 || wanted.length === 0) return undefined;
  return own
    .map((item, index) =>
      wanted.some((each) => misshapen(item, each) === undefined)
        ? undefined
        : misshapen(item, wanted[index] ?? wanted[0], `${path}[${index}]`),
    )
    .find(Boolean);
}

/** Help texts may be missing, and so may settings that contain nothing else. */
const isSaid = (item: unknown): boolean => !isObject(item) || members(item).size > 0 || Object.keys(item).length === 0;

function members(value: object): ReadonlyMap<string, unknown> {
  const said = Object.entries(value).filter(([key]) => key !== 'tooltip' && key !== 'output_tooltips');
  return new Map(said.map(([key, member]) => [UUID.test(key) ? '(id)' : key, member]));
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}
