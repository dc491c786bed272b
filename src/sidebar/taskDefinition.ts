import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { ApiError } from '../platform/errors';
import { plainText } from '../platform/plainText';
import { isLength, MOST_MINUTES } from '../platform/typedTime';
import { MOST_RUNS } from '../workflows/manyRuns';
import type { Place } from '../workflows/places';

const Text = z.lazy(() => z.string().check(z.minLength(1), z.maxLength(1_000)));
const Definition = z.lazy(() =>
  z.object({
    workflow: Text,
    /** Its name or ID. */
    machine: z.optional(Text),
    gpu: z.optional(Text),
    /** Without it, a new session is on a lease. */
    minutes: z.optional(z.custom<number>(isLength)),
    saveTo: z.optional(Text),
    count: z._default(z.int().check(z.gte(1), z.lte(MOST_RUNS)), 1),
    /** Only if the task has started the session. */
    endWhenDone: z._default(z.boolean(), true),
  }),
);

/** A task of `tasks.json`, its variables resolved. */
export type TaskDefinition = z.output<typeof Definition>;

/** @throws {ApiError} that names the member that is wrong. */
export function readTask(definition: unknown): TaskDefinition {
  const read = Definition.safeParse(definition);
  if (read.success) return read.data;
  const member = String(read.error.issues[0]?.path[0] ?? 'workflow');
  const most = member === 'minutes' ? MOST_MINUTES : member === 'count' ? MOST_RUNS : undefined;
  throw unusable(member, most === undefined ? undefined : l10n.t('{0} to {1}', 1, most));
}

/** @param expected what could stand there instead. */
export function unusable(member: string, expected?: string): ApiError {
  const wrong = l10n.t("“{0}” in this task is missing, or can't be used.", member);
  return new ApiError('refused', expected ? `${wrong} ${l10n.t('Possible: {0}.', expected)}` : wrong);
}

/** A line that the problem matcher of the manifest reads: `/work/cat.json:3:5: error: …`. */
export function problemLine(
  path: string,
  { start }: Pick<Place, 'start'> = { start: { line: 0, character: 0 } },
  { severity = 'error', message }: { readonly severity?: string; readonly message: string },
): string {
  return `${path}:${start.line + 1}:${start.character + 1}: ${severity}: ${plainText(message)}`;
}
