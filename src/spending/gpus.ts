import type { Prices } from '../comfydeploy/model';

/** VRAM in GB by the server's GPU names, from the vendor's data sheets. Not in the API. */
const VRAM = new Map([
  ['T4', 16],
  ['L4', 24],
  ['A10G', 24],
  ['L40S', 48],
  ['A100', 40],
  ['A100-80GB', 80],
  ['H100', 80],
  ['H200', 141],
  ['B200', 192],
]);

export interface GpuChoice {
  readonly gpu: string;
  /** GB; undefined for the CPU and for GPUs newer than this version. */
  readonly vram: number | undefined;
  /** Billionths of a dollar per second; undefined while the price list is unknown. */
  readonly price: number | undefined;
}

/** What is known of a GPU, whatever its name. */
export function gpuChoice(gpu: string, prices: Prices | undefined): GpuChoice {
  return { gpu, vram: VRAM.get(gpu), price: prices?.get(gpu) };
}

/** The GPUs that a session can use: those with a price, or the known ones while there are no prices. Cheapest first. */
export function gpuChoices(prices: Prices | undefined, own: string | undefined): readonly GpuChoice[] {
  const names = new Set([...(own ? [own] : []), ...(prices?.keys() ?? ['CPU', ...VRAM.keys()])]);
  return [...names].map((gpu) => gpuChoice(gpu, prices)).sort((a, b) => (a.price ?? 0) - (b.price ?? 0));
}
