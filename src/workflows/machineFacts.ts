import type { ComfyDeployClient } from '../comfydeploy/client';
import type { Machine } from '../comfydeploy/model';
import type { Clock } from '../platform/clock';
import { MINUTE } from '../platform/units';
import { orderedPackages, type OrderedPackage } from './packages';
import { modelNames, type RoughFacts } from './roughCheck';

/** Somebody may upload a model, and check again. */
const KEPT_FOR = MINUTE;
const MOST_MACHINES = 50;

/** What the server says of machines without a session: asked when needed, and what it does not say is not known. */
export class MachineFactsOf {
  readonly #packages = new Map<string, Promise<readonly OrderedPackage[] | undefined>>();
  #models: { readonly at: number; readonly names: Promise<ReadonlySet<string> | undefined> } | undefined;

  constructor(
    private readonly api: Pick<ComfyDeployClient, 'machineSteps' | 'modelFiles'>,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  async of(machine: Machine): Promise<RoughFacts> {
    const [packages, models] = await Promise.all([this.#packagesOf(machine), this.#modelNames()]);
    return { packages, models };
  }

  /** Another build may have others. */
  #packagesOf({ id, versionId }: Machine): Promise<readonly OrderedPackage[] | undefined> {
    const key = `${id} ${versionId ?? ''}`;
    const known = this.#packages.get(key) ?? this.api.machineSteps(id).then(orderedPackages);
    if (this.#packages.size >= MOST_MACHINES) this.#packages.clear();
    this.#packages.set(key, known);
    return known.catch(() => void this.#packages.delete(key));
  }

  #modelNames(): Promise<ReadonlySet<string> | undefined> {
    const now = this.clock.monotonic();
    if (this.#models && now - this.#models.at < KEPT_FOR) return this.#models.names;
    const files = Promise.all([this.api.modelFiles('private'), this.api.modelFiles('public')]);
    const names = files.then(
      (both) => modelNames(both.flat()),
      () => undefined,
    );
    this.#models = { at: now, names };
    return names;
  }
}
