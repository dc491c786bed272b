import { randomUUID } from 'node:crypto';
import type { SimulatorClock } from './clock';
import type { MachineRecord } from './model';

/** A deleted machine's row stays; `drop` removes the row as well. */
export class Machines {
  readonly #records = new Map<string, MachineRecord>();

  constructor(private readonly clock: SimulatorClock) {}

  /** Last updated first, and, of the same moment, first added first. */
  all(): readonly MachineRecord[] {
    return [...this.#records.values()].sort((a, b) => b.updatedAt - a.updatedAt);
  }

  get(id: string): MachineRecord | undefined {
    return this.#records.get(id);
  }

  /** A ready machine that can host sessions, unless the test says otherwise. */
  add(machine: Pick<MachineRecord, 'userId' | 'name'> & Partial<MachineRecord>): MachineRecord {
    const now = this.clock.now();
    const record: MachineRecord = {
      id: randomUUID(),
      orgId: null,
      createdAt: now,
      updatedAt: now,
      type: 'comfy-deploy-serverless',
      status: 'ready',
      gpu: 'A10G',
      builtBy: '0.4.0',
      versions: 1,
      builderVersion: '4',
      comfyUiVersion: '158419f3a0017c2ce123484b14b6c527716d6ec8',
      importFailedLogs: null,
      versionId: randomUUID(),
      isWorkspace: false,
      steps: null,
      deleted: false,
      keepsDeadlines: true,
      ...machine,
    };
    this.#records.set(record.id, record);
    return record;
  }

  alter(id: string, change: Partial<MachineRecord>): void {
    const machine = this.#records.get(id);
    if (machine) this.#records.set(id, { ...machine, updatedAt: this.clock.now(), ...change });
  }

  drop(id: string): void {
    this.#records.delete(id);
  }
}
