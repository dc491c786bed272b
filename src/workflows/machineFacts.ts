import type { ComfyDeployClient } from '../comfydeploy/client';
import type { Machine } from '../comfydeploy/model';
import type { Clock } from '../platform/clock';
import { MINUTE } from '../platform/units';
import { mayHaveMore, orderedPackages } from './packages';
import { modelNames, type RoughFacts } from './roughCheck';

/** Kept only briefly, since the user may upload a model and check again. */
const KEPT_FOR = MINUTE;
const MOST_MACHINES = 50;

/** What the server knows of machines without a session: requested when needed; what it does not report is unknown. */
export class MachineFactsOf {
  readonly #steps = new Map<string, Promise<unknown>>();
  #models: { readonly at: number; readonly names: Promise<ReadonlySet<string> | undefined> } | undefined;

  constructor(
    private readonly api: Pick<ComfyDeployClient, 'machineSteps' | 'modelFiles'>,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  async of(machine: Machine): Promise<RoughFacts> {
    const [steps, models] = await Promise.all([this.#stepsOf(machine), this.#modelNames()]);
    return { packages: orderedPackages(steps), models, hasMore: mayHaveMore(steps) };
  }

  /** Another build may have other packages. */
  #stepsOf({ id, versionId }: Machine): Promise<unknown> {
    const key = `${id} ${versionId ?? ''}`;
    const known = this.#steps.get(key) ?? this.api.machineSteps(id);
    if (this.#steps.size >= MOST_MACHINES) this.#steps.clear();
    this.#steps.set(key, known);
    return known.catch(() => void this.#steps.delete(key));
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
