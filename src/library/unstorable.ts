import { spellingOf, wordOf } from '../platform/spelling';
import { fieldsOf, textOr } from '../workflows/nodeDefs';
import { exactNumber } from './exactNumber';

/** What ComfyDeploy's database does not keep as it is. */
export interface Unstorable {
  readonly node: { readonly id: string; readonly type: string } | undefined;
  /** `NaN`, `1e400`, `\u0000`. */
  readonly what: string;
  /** What it becomes; undefined if the whole workflow is refused. */
  readonly becomes: string | undefined;
}

const MOST = 20;
const BAD_TEXT = /\0|\p{Cs}/u;

/** A text of the user's without what ComfyDeploy's database refuses. */
export function storable(text: string): string {
  return text.replace(new RegExp(BAD_TEXT, 'gu'), '').trim();
}

/** The first ones, in a drawn workflow or a prompt. */
export function unstorableIn(workflow: object): readonly Unstorable[] {
  const found: Unstorable[] = [];
  const open: { readonly value: object; readonly node: Unstorable['node'] }[] = [{ value: workflow, node: undefined }];
  for (let one = open.pop(); one !== undefined && found.length < MOST; one = open.pop()) {
    const { value, node } = one;
    const inner: typeof open = [];
    for (const [key, member] of Object.entries(value)) {
      const next: unknown = member;
      if (typeof next === 'object' && next !== null) inner.push({ value: next, node: nodeIn(key, next) ?? node });
      const bad = BAD_TEXT.test(key) ? badIn({}, '', key) : badIn(value, key, next);
      if (bad) found.push({ node, ...bad });
    }
    for (const next of inner.reverse()) open.push(next);
  }
  return found;
}

function badIn(holder: object, key: string, value: unknown): Omit<Unstorable, 'node'> | undefined {
  if (value === null) {
    const word = wordOf(holder, key);
    return word === undefined ? undefined : { what: word, becomes: undefined };
  }
  if (typeof value === 'string') {
    const [bad] = BAD_TEXT.exec(value) ?? [];
    return bad === undefined
      ? undefined
      : { what: `\\u${bad.charCodeAt(0).toString(16).padStart(4, '0')}`, becomes: undefined };
  }
  if (typeof value !== 'number') return undefined;
  const what = spellingOf(holder, key, value) ?? (Object.is(value, -0) ? '-0' : String(value));
  if (!Number.isFinite(value)) return { what, becomes: undefined };
  if (value === 0 && what.startsWith('-')) return { what, becomes: '0' };
  // Whole numbers are kept with all their digits, others as doubles.
  return /[.eE]/.test(what) && exactNumber(what) !== exactNumber(String(value))
    ? { what, becomes: String(value) }
    : undefined;
}

function nodeIn(key: string, value: object): Unstorable['node'] {
  const { id, type, class_type } = fieldsOf(value);
  if (typeof class_type === 'string') return { id: key, type: class_type };
  return typeof type === 'string' && id !== undefined && !Array.isArray(id) ? { id: textOr(id, ''), type } : undefined;
}
