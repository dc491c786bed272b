import { Accounts } from './accounts';
import type { SimulatorClock } from './clock';
import { CHECKPOINTS } from './comfyui/nodes';
import { LogBook } from './logBook';
import { Machines } from './machines';
import { sees, type MachineRecord, type RunRecord, type Scope, type SessionRecord } from './model';
import { Sessions, type Tunnels } from './sessions';
import { DEFAULT_SETTINGS, type Settings } from './settings';
import { Workflows } from './workflows';

export interface StartLog {
  readonly at: number;
  readonly text: string;
}

const START_LOGS_KEPT_MS = 4 * 3_600_000;

/** The whole state of the simulated service, without HTTP. */
export class World {
  readonly accounts: Accounts;
  readonly logs = new LogBook();
  readonly machines: Machines;
  readonly sessions: Sessions;
  readonly workflows: Workflows;
  /** Paths of files of models that everybody has. */
  models: readonly string[] = CHECKPOINTS.map((name) => `checkpoints/${name}`);
  readonly #runs: RunRecord[] = [];
  readonly #startLogs = new Map<string, StartLog>();
  #settings: Settings;

  constructor(
    readonly clock: SimulatorClock,
    tunnels: Tunnels,
    settings: Partial<Settings>,
  ) {
    this.#settings = { ...DEFAULT_SETTINGS, ...settings };
    this.accounts = new Accounts(clock);
    this.machines = new Machines(clock);
    this.workflows = new Workflows(clock);
    this.sessions = new Sessions({
      clock,
      logs: this.logs,
      tunnels,
      settings: () => this.#settings,
      crashed: (version, reason) => void this.#startLogs.set(version, { at: clock.now(), text: leftBy(reason) }),
    });
  }

  get settings(): Settings {
    return this.#settings;
  }

  set(settings: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...settings };
  }

  machinesOf(viewer: Scope): readonly MachineRecord[] {
    return this.machines.all().filter((machine) => sees(viewer, machine));
  }

  /** Sessions whose container has not ended, listed or not. */
  openSessionsOf(viewer: Scope): readonly SessionRecord[] {
    return this.sessions.all().filter((session) => session.endedAt === null && sees(viewer, session));
  }

  openSession(viewer: Scope, id: string): SessionRecord | undefined {
    const session = this.sessions.get(id);
    return session?.endedAt === null && sees(viewer, session) ? session : undefined;
  }

  /** Removes the row; its sessions then name no machine. */
  dropMachine(id: string): void {
    this.machines.drop(id);
    const orphans = this.sessions.all().filter(({ machineId }) => machineId === id);
    for (const orphan of orphans) this.sessions.alter(orphan.id, { machineId: null });
  }

  runs(): readonly RunRecord[] {
    return this.#runs;
  }

  addRun(run: RunRecord): void {
    this.#runs.push(run);
  }

  /** Of the last crash only: the next one replaces it. */
  startLogs(versionId: string): readonly StartLog[] {
    const oldest = this.clock.now() - START_LOGS_KEPT_MS;
    const log = this.#startLogs.get(versionId);
    return log && log.at >= oldest ? [log] : [];
  }

  /** The container died during the start: the session disappears, and only the logs have the reason. */
  failStartUp(sessionId: string, reason: string): void {
    this.sessions.crash(sessionId, reason);
  }
}

/** In the form that was recorded. */
function leftBy(reason: string): string {
  return `${reason}\n\nTraceback:\nTraceback (most recent call last):\n  File "my_app.py", line 2300, in launch_comfyui\n${reason.replace(/^Error in \w+: /, '')}\n`;
}
