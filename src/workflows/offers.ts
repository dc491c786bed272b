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
  /** Whether its memory is enough, judging by earlier runs; undefined if there were none. */
  readonly fits: boolean | undefined;
}

const GB = 1e9;

/**
 * Every machine with every GPU, best first: built machines, then enough memory, then the lowest price. What is missing
 * on a machine does not count here. Without earlier runs, a machine's own GPU counts as enough, as its owner chose it.
 * @param machines equal offers keep their order.
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

/** ComfyUI takes more memory than it needs where there is much, so the run that took least counts. */
function fitsIn({ gpu, vram }: GpuChoice, taken: readonly Taken[]): boolean | undefined {
  if (taken.length === 0) return gpu === 'CPU' ? false : undefined;
  if (taken.some((run) => run.gpu === gpu)) return true;
  if (gpu !== 'CPU' && vram === undefined) return undefined; // a GPU newer than this version
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

interface OfferTextInput {
  readonly taken: readonly Taken[];
  readonly balance: bigint | undefined;
  /** Of the first lease. */
  readonly minutes: number;
}

/** Each with its price and what speaks against it. Those that lack nothing come first. */
export function offerChoices(
  offers: readonly Offer[],
  missing: MissingOn,
  { taken, balance, minutes }: OfferTextInput,
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
 * The cheapest offer where nothing is missing and whose memory is enough for earlier runs, if it costs no more than a GPU
 * on which the user ran this workflow before: that price they have agreed to. Otherwise undefined, and the user is asked.
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
