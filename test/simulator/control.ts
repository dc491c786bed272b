import { randomUUID } from 'node:crypto';
import { billOf, type Bill } from './bill';
import type { NewKey } from './accounts';
import { FaultRule, type Faults } from './faults';
import type {
  Account,
  KeyRecord,
  MachineRecord,
  OrgRecord,
  RunRecord,
  Scope,
  SessionRecord,
  UserRecord,
  WorkflowRecord,
} from './model';
import type { RequestLog, RequestRecord } from './requestLog';
import { seedSession, type SessionSeed } from './seeds';
import type { Settings } from './settings';
import type { ComfyUiTunnels } from './tunnels';
import type { VersionSeed, WorkflowSeed } from './workflows';
import type { World } from './world';
import type { ComfyUiControl } from './comfyui/control';

export interface ControlOptions {
  readonly world: World;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly tunnels: ComfyUiTunnels;
}

/** Everything a test can do at the service without a request of the client. */
export class Control {
  constructor(private readonly options: ControlOptions) {}

  now(): number {
    return this.#world.clock.now();
  }

  /** Jumps ahead and carries out everything that falls due on the way: start-ups, expiries, ends of containers. */
  async advance(ms: number): Promise<void> {
    await this.#world.clock.advance(ms);
    await this.#world.sessions.settled();
  }

  addUser(user: Pick<UserRecord, 'id'> & Partial<UserRecord>): void {
    this.#world.accounts.addUser(user);
  }

  addOrg(org: OrgRecord): void {
    this.#world.accounts.addOrg(org);
  }

  keys(): readonly KeyRecord[] {
    return this.#world.accounts.keys();
  }

  /** Returns the token. */
  addKey(key: NewKey): string {
    return this.#world.accounts.addKey(key).token;
  }

  revokeKey(token: string): void {
    this.#world.accounts.revoke(token);
  }

  /** Plan `free` refuses what the real one refuses; any other name is a paid plan. */
  setAccount(scope: Scope, account: Partial<Account>): void {
    this.#world.accounts.setAccount(scope, account);
  }

  acceptSignIn(requestId: string, scope: Scope): void {
    this.#world.accounts.acceptSignIn(requestId, scope);
  }

  machines(): readonly MachineRecord[] {
    return this.#world.machines.all();
  }

  addMachine(machine: Pick<MachineRecord, 'userId' | 'name'> & Partial<MachineRecord>): MachineRecord {
    return this.#world.machines.add(machine);
  }

  setModels(paths: readonly string[]): void {
    this.#world.models = paths;
  }

  alterMachine(id: string, change: Partial<MachineRecord>): void {
    this.#world.machines.alter(id, change);
  }

  /** As the dashboard does: the row stays and is marked as deleted. */
  deleteMachine(id: string): void {
    this.#world.machines.alter(id, { deleted: true });
  }

  /** Removes the row as well. */
  dropMachine(id: string): void {
    this.#world.dropMachine(id);
  }

  /** By default a personal one of its machine's owner, with one version. */
  addWorkflow(workflow: WorkflowSeed): WorkflowRecord {
    const owner = this.#world.machines.get(workflow.machineId ?? '') ?? this.#world.accounts.keys()[0];
    const { userId = 'user_demo', orgId = null } = owner ?? {};
    return this.#world.workflows.add({ userId, orgId, ...workflow });
  }

  /** A version that somebody else saved. */
  addVersion(workflowId: string, version: VersionSeed): void {
    this.#world.workflows.addVersion(workflowId, version);
  }

  /** Deleted ones too. */
  workflows(): readonly WorkflowRecord[] {
    return this.#world.workflows.all();
  }

  alterWorkflow(id: string, change: Partial<WorkflowRecord>): void {
    this.#world.workflows.alter(id, change);
  }

  /** One that began some time ago and took a minute, unless the test says otherwise. */
  addRun(run: Pick<RunRecord, 'machineId' | 'createdAt'> & Partial<RunRecord>): void {
    const machine = this.#world.machines.get(run.machineId);
    if (!machine) return;
    const { userId, orgId, gpu } = machine;
    const times = { startedAt: run.createdAt, endedAt: run.createdAt + 60_000 };
    this.#world.addRun({ id: randomUUID(), userId, orgId, gpu, cost: 0, ...times, ...run });
  }

  /** All sessions, also ended and unlisted ones. */
  sessions(): readonly SessionRecord[] {
    return this.#world.sessions.all();
  }

  session(id: string): SessionRecord | undefined {
    return this.#world.sessions.get(id);
  }

  addSession(seed: SessionSeed): Promise<SessionRecord> {
    return seedSession(this.#world, seed);
  }

  alterSession(id: string, change: Partial<SessionRecord>): void {
    this.#world.sessions.alter(id, change);
  }

  setMinutesLeft(id: string, minutes: number): void {
    this.#world.sessions.alter(id, { deadline: this.now() + minutes * 60_000 });
  }

  /** Ends it at once, as when the container dies; also a container that came up after its session was closed. */
  async endSession(id: string): Promise<void> {
    this.#world.sessions.end(id);
    await this.#world.sessions.settled();
  }

  finishStartUp(id: string): Promise<void> {
    return this.#world.sessions.finishStartUp(id);
  }

  failStartUp(id: string, reason: string): void {
    this.#world.failStartUp(id, reason);
  }

  failNextStartUp(reason: string): void {
    this.#world.sessions.failNextStartUp(reason);
  }

  set(settings: Partial<Settings>): void {
    this.#world.set(settings);
  }

  /** Also for a build, by its version; such lines have a level. */
  writeLog(id: string, message: string, level?: string): void {
    const usual = this.#world.sessions.get(id) ? 'info' : 'builder';
    this.#world.logs.write(id, message, this.now(), level ?? usual);
  }

  /** The ComfyUI of a session that is up. */
  comfyUi(sessionId: string): ComfyUiControl | undefined {
    return this.options.tunnels.get(sessionId)?.control;
  }

  get isFaulty(): boolean {
    return this.options.faults.isArmed;
  }

  fault(rule: FaultRule): void {
    this.options.faults.arm(FaultRule.parse(rule));
  }

  clearFaults(): void {
    this.options.faults.clear();
    this.options.faults.setOffline(false);
    this.options.faults.dateSkewSeconds = 0;
  }

  /** Every request is answered by a reset connection; the routes of `Control` keep working. */
  setOffline(offline: boolean): void {
    this.options.faults.setOffline(offline);
  }

  setDateSkew(seconds: number): void {
    this.options.faults.dateSkewSeconds = seconds;
  }

  bill(): Bill {
    return billOf(this.#world);
  }

  requests(): readonly RequestRecord[] {
    return this.options.log.records;
  }

  /** `{ 'GET /api/sessions': 3, 'DELETE /api/session/:id': 1 }` */
  counts(): Readonly<Record<string, number>> {
    return this.options.log.counts();
  }

  clearRequests(): void {
    this.options.log.clear();
  }

  get #world(): World {
    return this.options.world;
  }
}
