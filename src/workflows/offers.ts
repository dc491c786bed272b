import * as l10n from '@vscode/l10n';
import type { Machine, Prices } from '../comfydeploy/model';
import type { Choice } from '../platform/choice';
import { gpuChoices, type GpuChoice } from '../spending/gpus';
import { gpuText, withShort } from '../spending/menus';
import { missingLast, type MissingOn } from './checkText';
import type { Taken } from './memoryTaken';

/** A session that may be started for a workflow. */
export interface Offer extends GpuChoice {
  readonly machine: Machine;
  /** Whether its memory is enough, by earlier runs; undefined where there were none. */
  readonly fits: boolean | undefined;
}

const GB = 1e9;

/**
 * Everything that can be had, best first but for what is missing there: machines that are built, memory that is enough,
 * and then what costs least. Where nothing ran yet, a machine's own GPU is what its owner thinks enough.
 * @param machines in the order in which equal ones are to stand.
 */
export function offersFor(
  machines: readonly Machine[],
  prices: Prices | undefined,
  taken: readonly Taken[],
): readonly Offer[] {
  const offers = machines.flatMap((machine) =>
    gpuChoices(prices, machine.gpu).map((gpu) => ({ ...gpu, machine, fits: fitsIn(gpu, taken) })),
  );
  return offers.toSorted(
    (one, other) =>
      Number(one.machine.hosting.kind !== 'able') - Number(other.machine.hosting.kind !== 'able') ||
      rankOf(one) - rankOf(other) ||
      priceOf(one) - priceOf(other),
  );
}

/** ComfyUI makes do with less than it takes where there is much: so what counts is the run that took least. */
function fitsIn({ gpu, vram }: GpuChoice, taken: readonly Taken[]): boolean | undefined {
  if (taken.length === 0) return gpu === 'CPU' ? false : undefined;
  if (taken.some((run) => run.gpu === gpu)) return true;
  if (gpu !== 'CPU' && vram === undefined) return undefined; // newer than this version
  return (vram ?? 0) * GB >= leastOf(taken);
}

function leastOf(taken: readonly Taken[]): number {
  return Math.min(...taken.map(({ used }) => used));
}

function rankOf({ fits, gpu, machine }: Offer): number {
  if (fits === undefined) return gpu === machine.gpu ? 0 : 1;
  return fits ? 0 : 2;
}

function priceOf({ price }: Offer): number {
  return price ?? Number.POSITIVE_INFINITY;
}

/** Each with its price, and what speaks against it; those that lack nothing first. @param minutes that are rented at first. */
export function offerChoices(
  offers: readonly Offer[],
  missing: MissingOn,
  { taken, balance, minutes }: { readonly taken: readonly Taken[]; readonly balance: bigint | undefined; readonly minutes: number }, // prettier-ignore
): readonly Choice<Offer>[] {
  const choices = offers.map((offer) => {
    const { machine, gpu, price, fits } = offer;
    const gigabytes = Math.ceil(leastOf(taken) / GB);
    const against = [
      ...(machine.hosting.kind === 'able' ? [] : [l10n.t('building')]),
      ...(fits === false && taken.length > 0 ? [l10n.t('earlier runs took {0} GB', gigabytes)] : []),
    ];
    const said = [withShort(gpuText(offer, gpu === machine.gpu), price, minutes, balance), ...against];
    return { value: offer, label: `${machine.name} · ${gpu}`, description: said.join(' · ') };
  });
  return missingLast(choices, missing, ({ machine }) => machine.id);
}

/**
 * The cheapest on which nothing is missing and earlier runs fit, if it costs no more an hour than one that the user has
 * taken for it: what they agreed to once. Else undefined, and they have to be asked.
 */
export function agreedOffer(
  offers: readonly Offer[],
  missing: MissingOn,
  taken: readonly Taken[],
  prices: Prices | undefined,
): Offer | undefined {
  const agreed = Math.max(0, ...taken.map(({ gpu }) => prices?.get(gpu) ?? 0));
  return offers.find(
    (offer) =>
      offer.fits === true &&
      offer.machine.hosting.kind === 'able' &&
      missing.get(offer.machine.id)?.count === 0 &&
      priceOf(offer) <= agreed,
  );
}
