import { parseInstant } from './instant';
import type { Machine, MachineId, Session, SessionId } from './model';
import { machineOf, sessionOf } from './wire';

// Reads rows of the usual form without a schema, which would take ten times as long for the thousands of rows of an
// account. All other rows are left to the schemas (`./wire`), which define the meaning.

type Fields = Readonly<Record<string, unknown>>;
type Text = string | null | undefined;

/** Undefined for a row that needs the schema. */
export function plainSession(item: unknown): Session | undefined {
  if (!isObject(item)) return undefined;
  const { session_id, gpu_event_id, url, gpu, timeout, machine_id, machine_version_id, user_id } = item;
  const createdAt = instantIn(item['created_at']);
  const endsAt = instantIn(item['timeout_end']);
  if (!isSessionId(session_id) || typeof gpu !== 'string' || createdAt === undefined || endsAt === undefined)
    return undefined;
  if (!isText(gpu_event_id) || !isText(url) || !isText(machine_version_id) || !isText(user_id)) return undefined;
  if (!(machine_id === null || machine_id === undefined || isMachineId(machine_id))) return undefined;
  if (!(timeout === null || timeout === undefined || isNumber(timeout))) return undefined;
  return sessionOf({
    session_id,
    gpu_event_id: gpu_event_id ?? undefined,
    url: url ?? undefined,
    gpu,
    created_at: createdAt,
    timeout: timeout ?? undefined,
    timeout_end: endsAt,
    machine_id: machine_id ?? undefined,
    machine_version_id: machine_version_id ?? undefined,
    user_id: user_id ?? undefined,
  });
}

/** Undefined for a row that needs the schema. */
export function plainMachine(item: unknown): Machine | undefined {
  if (!isObject(item)) return undefined;
  const { id, name, type, status, gpu, machine_version, machine_builder_version, machine_version_id } = item;
  const { comfyui_version } = item;
  const updatedAt = instantIn(item['updated_at']);
  if (!isMachineId(id) || typeof name !== 'string' || typeof type !== 'string' || typeof status !== 'string')
    return undefined;
  if (!isText(gpu) || !isText(machine_version_id) || !isText(comfyui_version) || updatedAt === undefined)
    return undefined;
  if (!isVersion(machine_version) || !isVersion(machine_builder_version)) return undefined;
  return machineOf({
    id,
    name,
    type,
    status,
    machine_version,
    gpu: gpu ?? undefined,
    machine_builder_version: machine_builder_version ?? undefined,
    machine_version_id: machine_version_id ?? undefined,
    comfyui_version: comfyui_version ?? undefined,
    updated_at: updatedAt,
  });
}

function isObject(item: unknown): item is Fields {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

function isSessionId(value: unknown): value is SessionId {
  return typeof value === 'string' && value !== '';
}

function isMachineId(value: unknown): value is MachineId {
  return typeof value === 'string' && value !== '';
}

function isText(value: unknown): value is Text {
  return typeof value === 'string' || value === null || value === undefined;
}

function isVersion(value: unknown): value is Text | number {
  return isText(value) || isNumber(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function instantIn(value: unknown): number | undefined {
  return typeof value === 'string' ? parseInstant(value) : undefined;
}
