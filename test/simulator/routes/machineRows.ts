import { createHash } from 'node:crypto';
import { naive, zulu, zuluOrNull } from '../instants';
import type { MachineRecord, RunRecord, SessionRecord } from '../model';

const DAY_MS = 24 * 3_600_000;

/** The lists bypass the documented model: these keys and no others. */
export function row(machine: MachineRecord): Record<string, unknown> {
  return {
    id: machine.id,
    user_id: machine.userId,
    name: machine.name,
    created_at: naive(machine.createdAt),
    updated_at: naive(machine.updatedAt),
    type: machine.type,
    org_id: machine.orgId,
    status: machine.status,
    gpu: machine.gpu,
    machine_version: machine.builtBy,
    machine_builder_version: machine.builderVersion,
    comfyui_version: machine.comfyUiVersion,
    import_failed_logs: machine.importFailedLogs,
    machine_version_id: machine.versionId,
    is_workspace: machine.isWorkspace,
  };
}

export function fullRow(machine: MachineRecord): Record<string, unknown> {
  return {
    id: machine.id,
    user_id: machine.userId,
    name: machine.name,
    org_id: machine.orgId,
    created_at: naive(machine.createdAt),
    updated_at: naive(machine.updatedAt),
    type: machine.type,
    machine_version: machine.builtBy,
    deleted: machine.deleted,
    import_failed_logs: machine.importFailedLogs,
    machine_version_id: machine.versionId,
    status: machine.status,
    gpu: machine.gpu,
    machine_builder_version: machine.builderVersion,
    comfyui_version: machine.comfyUiVersion,
    is_workspace: machine.isWorkspace,
    endpoint: 'not-ready',
    concurrency_limit: 2,
    run_timeout: 300,
    idle_timeout: 60,
    docker_command_steps: machine.steps,
    keep_warm: 0,
    allow_concurrent_inputs: 1,
    base_docker_image: null,
    python_version: null,
    extra_args: null,
    prestart_command: null,
    install_custom_node_with_gpu: false,
    optimized_runner: false,
    disable_metadata: true,
    cpu_request: null,
    cpu_limit: null,
    memory_request: null,
    memory_limit: null,
    models_to_cache: [],
    enable_gpu_memory_snapshot: false,
  };
}

/** Newest first; only the newest has the machine's own version id. */
export function versionsOf(machine: MachineRecord) {
  const count = machine.versions;
  return Array.from({ length: count }, (_, index) => ({
    id: index === 0 && machine.versionId !== null ? machine.versionId : derivedUuid(`${machine.id}/${count - index}`),
    machine_id: machine.id,
    version: count - index,
    user_id: machine.userId,
    created_at: naive(machine.updatedAt - index * DAY_MS),
    updated_at: naive(machine.updatedAt - index * DAY_MS),
    comfyui_version: machine.comfyUiVersion,
    gpu: machine.gpu,
    status: index === 0 ? machine.status : 'ready',
    org_id: machine.orgId,
  }));
}

function derivedUuid(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}

/** Not recorded: a session's event without the fields that only sessions have. */
export function eventOfRun(run: RunRecord): Record<string, unknown> {
  return {
    org_id: run.orgId,
    cost: run.cost,
    id: run.id,
    end_time: zuluOrNull(run.endedAt),
    session_timeout: null,
    start_time: zuluOrNull(run.startedAt),
    gpu: run.gpu,
    session_id: null,
    user_id: run.userId,
    ws_gpu: null,
    modal_function_id: null,
    machine_id: run.machineId,
    gpu_provider: 'modal',
    tunnel_url: null,
    created_at: zulu(run.createdAt),
    machine_version_id: null,
    updated_at: zulu(run.endedAt ?? run.createdAt),
    environment: null,
    cost_item_title: null,
  };
}

export function eventOf(session: SessionRecord): Record<string, unknown> {
  return {
    org_id: session.orgId,
    cost: 0,
    id: session.gpuEventId,
    end_time: zuluOrNull(session.endedAt),
    session_timeout: session.timeoutMinutes,
    start_time: zuluOrNull(session.startedAt),
    gpu: session.gpu,
    session_id: session.id,
    user_id: session.userId,
    ws_gpu: null,
    modal_function_id: session.functionId,
    machine_id: session.machineId,
    gpu_provider: 'modal',
    tunnel_url: session.url,
    created_at: zulu(session.createdAt),
    machine_version_id: session.machineVersionId,
    updated_at: zulu(session.updatedAt),
    environment: null,
    cost_item_title: null,
  };
}
