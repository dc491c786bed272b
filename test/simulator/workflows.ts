import { randomUUID } from 'node:crypto';
import type { SimulatorClock } from './clock';
import { parsed, storedText } from './jsonb';
import { sees, type Scope, type VersionRecord, type WorkflowRecord } from './model';

export interface VersionSeed {
  /** JSON. */
  readonly graph?: string;
  /** JSON; `null` if it has none. */
  readonly prompt?: string;
  readonly comment?: string | null;
  readonly userId?: string;
  readonly machineId?: string | null;
  readonly machineVersionId?: string | null;
  readonly snapshot?: string;
}

export interface WorkflowSeed extends VersionSeed, Partial<Pick<WorkflowRecord, 'id' | 'orgId' | 'pinned'>> {
  readonly name: string;
  /** When it was made. */
  readonly at?: number;
}

const EMPTY = '{"nodes":[],"links":[],"version":0.4}';

/** The workflows that the service keeps. A deleted one's row stays. */
export class Workflows {
  readonly #records = new Map<string, WorkflowRecord>();

  constructor(private readonly clock: SimulatorClock) {}

  all(): readonly WorkflowRecord[] {
    return [...this.#records.values()];
  }

  /** Deleted ones too. */
  of(viewer: Scope): readonly WorkflowRecord[] {
    return this.all().filter((workflow) => sees(viewer, workflow));
  }

  get(id: string): WorkflowRecord | undefined {
    return this.#records.get(id);
  }

  /** With its first version, and, on a machine, a preview deployment. @throws {Unstorable} */
  add(seed: WorkflowSeed & Scope): WorkflowRecord {
    const { id = randomUUID(), name, userId, orgId, pinned = false, machineId = null, at = this.clock.now() } = seed;
    const first = this.#versionOf({ comment: 'initial version', ...seed, userId }, 1, at);
    const record = { id, name, userId, orgId, pinned, machineId, deleted: false, description: null, coverImage: null };
    const whole = { ...record, createdAt: at, updatedAt: at, versions: [first], preview: machineId && first.id };
    this.#records.set(id, whole);
    return whole;
  }

  /** On a machine, which becomes the selected one, the preview deployment moves to it. @throws {Unstorable} */
  addVersion(id: string, seed: VersionSeed): VersionRecord | undefined {
    const workflow = this.#records.get(id);
    if (!workflow) return undefined;
    const number = Math.max(0, ...workflow.versions.map(({ version }) => version)) + 1;
    const version = this.#versionOf({ userId: workflow.userId, ...seed }, number, this.clock.now());
    const { machineId } = version;
    const moved = machineId === null ? {} : { machineId, preview: version.id };
    this.alter(id, { versions: [...workflow.versions, version], updatedAt: this.clock.now(), ...moved });
    return version;
  }

  alter(id: string, change: Partial<WorkflowRecord>): void {
    const workflow = this.#records.get(id);
    if (workflow) this.#records.set(id, { ...workflow, ...change });
  }

  #versionOf(seed: VersionSeed & { readonly userId: string }, version: number, createdAt: number): VersionRecord {
    const { graph = EMPTY, prompt = 'null', snapshot = 'null', comment = null } = seed;
    const { machineId = null, machineVersionId = null, userId } = seed;
    const kept = { graph: stored(graph), prompt: stored(prompt), snapshot: stored(snapshot) };
    return { id: randomUUID(), version, userId, createdAt, ...kept, comment, machineId, machineVersionId };
  }
}

function stored(json: string): string {
  return storedText(parsed(json));
}
