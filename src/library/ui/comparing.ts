import * as l10n from '@vscode/l10n';
import { stableWorkflow } from '../../comfyui/stableJson';
import type { Workflow } from '../../comfyui/workflow';
import { ApiError } from '../../platform/errors';
import { stepsOf, Slices } from '../../platform/slices';
import type { Clock } from '../../platform/clock';
import { withLateProgress } from '../../platform/ui/pick';
import type { Texts } from '../../platform/ui/texts';
import type { KeptNodes } from '../../workflows/keptNodes';
import { namedValue, valueNames } from '../../workflows/ui/valueNames';
import { comparing, namesOfChanged } from '../compare';
import { summaryOf } from '../compareText';
import { withOrigin } from '../origin';
import type { Part } from '../parts';
import { withoutPlaces } from '../places';

export type Forms = Pick<Workflow, 'graph' | 'prompt'>;

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  /** @throws {ApiError} */
  readonly read: (signal: AbortSignal) => Promise<Forms>;
}

export interface ComparingContext {
  readonly clock: Clock;
  readonly texts: Pick<Texts, 'compare'>;
  readonly kept: Pick<KeptNodes, 'newest'>;
  readonly hasPlaces: () => boolean;
}

/**
 * Shows two workflows side by side, with what differs in words at the top of the second one: no other place is beside
 * the difference, can be searched and copied, and leaves with it.
 */
export async function compareSides(context: ComparingContext, ...sides: readonly [Side, Side]): Promise<void> {
  const { clock, texts, hasPlaces } = context;
  const title = l10n.t('{0} and {1}', sides[0].name, sides[1].name);
  const [before, after, lines] = await withLateProgress(clock, l10n.t('Comparing {0}', title), async (signal) => {
    const [one, other] = await Promise.all([sides[0].read(signal), sides[1].read(signal)]);
    return [one, other, await linesFor(context, [one, other], signal)] as const;
  });
  const textOf = ({ graph, prompt }: Forms) => {
    if (!graph || !(before.graph && after.graph)) return stableWorkflow(prompt ?? {});
    const own = withOrigin(graph, undefined);
    return stableWorkflow(hasPlaces() ? own : withoutPlaces(own));
  };
  const pageOf = (number: number, { name }: Side, forms: Forms, words: readonly string[]) =>
    [`${number} ${name}.jsonc`, `${[name, ...words].map((line) => `// ${line}\n`).join('')}${textOf(forms)}`] as const;
  await texts.compare(title, pageOf(1, sides[0], before, []), pageOf(2, sides[1], after, lines));
}

/** What differs, in words. @throws {ApiError} if one is drawn and the other in API format. */
export async function linesFor(
  { clock, kept, hasPlaces }: Pick<ComparingContext, 'clock' | 'kept' | 'hasPlaces'>,
  [before, after]: readonly [Forms, Forms],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const slices = new Slices(clock, signal);
  const compared = await stepsOf(comparing(before, after)).inSlices(slices);
  if (!compared)
    throw new ApiError(
      'refused',
      l10n.t('One of them is drawn and the other in API format, so they cannot be compared.'),
    );
  const named = await stepsOf(namesOfChanged(compared, before.prompt, after.prompt)).inSlices(slices);
  const names = new Map([...named, ...(await valueNames(kept, [before, after], slices))]);
  const nameOf = ({ scope, id }: Part, key: string) => names.get(namedValue(scope, id, key));
  return summaryOf(compared, hasPlaces(), nameOf);
}
