/** Whose rows: an organisation's, or a person's own when `orgId` is null. */
export interface Scope {
  readonly userId: string;
  readonly orgId: string | null;
}

export interface UserRecord {
  readonly id: string;
  readonly username: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly imageUrl: string | null;
}

export interface OrgRecord {
  readonly id: string;
  readonly name: string;
}

/** Belongs to an organisation or a person: see `accountId`. */
export interface Account {
  readonly plan: string;
  /** Credit that was topped up and not spent yet. */
  readonly creditDollars: number;
  /** Whether the billing service can be reached: without it every plan looks like none. Default: it can. */
  readonly isBilledByAutumn?: boolean;
}

export interface KeyRecord extends Scope {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly createdAt: number;
  readonly revoked: boolean;
  /** Only keys of the browser sign-in expire, and the server never checks those against the revoked ones. */
  readonly expiresAt: number | null;
}

export interface MachineRecord extends Scope {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly type: string;
  readonly status: string;
  readonly gpu: string | null;
  /** The version that the last successful build was made with; null before the first one. */
  readonly builtBy: string | null;
  /** How many builds were started. */
  readonly versions: number;
  readonly builderVersion: string | null;
  readonly comfyUiVersion: string | null;
  readonly importFailedLogs: string | null;
  readonly versionId: string | null;
  readonly isWorkspace: boolean;
  /** `docker_command_steps`. */
  readonly steps: unknown;
  readonly deleted: boolean;
  /** False for images built before deadlines were kept by the server: their sessions are never listed. */
  readonly keepsDeadlines: boolean;
}

export interface SessionRecord extends Scope {
  readonly id: string;
  readonly gpuEventId: string;
  readonly machineId: string | null;
  readonly machineVersionId: string | null;
  readonly gpu: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly timeoutMinutes: number | null;
  /** When the server will end it; null once it is stopping, and always on a machine that keeps no deadlines. */
  readonly deadline: number | null;
  readonly keepsDeadline: boolean;
  /** Known once the container was called for. */
  readonly functionId: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly url: string | null;
  /** When the server asked it to stop. */
  readonly stoppingAt: number | null;
}

/** A run of a workflow: billed like a session and listed beside the sessions. */
export interface RunRecord extends Scope {
  readonly id: string;
  readonly machineId: string;
  readonly gpu: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** US dollars. */
  readonly cost: number;
}

export interface WorkflowRecord extends Scope {
  readonly id: string;
  readonly name: string;
  /** The selected one. */
  readonly machineId: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly pinned: boolean;
  readonly deleted: boolean;
  readonly description: string | null;
  readonly coverImage: string | null;
  /** Oldest first. */
  readonly versions: readonly VersionRecord[];
  /** The version that its preview deployment points at. */
  readonly preview: string | null;
}

/** JSON is kept as the database gives it back. */
export interface VersionRecord {
  readonly id: string;
  readonly version: number;
  readonly userId: string;
  readonly createdAt: number;
  readonly graph: string;
  readonly prompt: string;
  readonly snapshot: string;
  readonly comment: string | null;
  readonly machineId: string | null;
  readonly machineVersionId: string | null;
}

export interface LogLine {
  readonly message: string;
  readonly level: string;
  readonly timestamp: string;
}

export const GPUS = ['CPU', 'T4', 'L4', 'A10G', 'L40S', 'A100', 'A100-80GB', 'H100', 'H200', 'B200'] as const;

/** US dollars a second, in the order the server lists them. */
export const PRICES: Readonly<Record<string, number>> = {
  T4: 0.00018,
  L4: 0.00032,
  A10G: 0.000337,
  L40S: 0.000596,
  A100: 0.00114,
  'A100-80GB': 0.001708,
  H100: 0.002338,
  H200: 0.001891,
  B200: 0.002604,
  CPU: 0.000042,
};

export function accountId({ userId, orgId }: Scope): string {
  return orgId ?? userId;
}

/** A key of an organisation sees what all members have; a personal key sees no organisation's rows. */
export function sees(viewer: Scope, row: Scope): boolean {
  return viewer.orgId === null ? row.orgId === null && row.userId === viewer.userId : row.orgId === viewer.orgId;
}
