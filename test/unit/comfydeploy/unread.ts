import * as z from 'zod/mini';
import * as wire from '../../../src/comfydeploy/wire';
import { machineWire, sessionWire, type Wire } from '../../fakes/wire';

export const NOW = Date.UTC(2030, 0, 1, 12);

/** An answer for each schema of the server's; a new schema without one fails the first test. */
export const ANSWERS: Readonly<Record<string, Wire>> = {
  SessionWire: sessionWire('one', NOW),
  MachineWire: machineWire(),
  MachineEventWire: { session_id: 'one', gpu: 'A10G', created_at: '2030-01-01T12:00Z', start_time: null, cost: 0 },
  PricesWire: { A10G: 0.000337 },
  PlanWire: { plans: { plans: [], autumn_data: { features: [] } } },
  CreditWire: { autumn_data: { features: { 'gpu-credit': { balance: 12.5 } } }, list: [] },
  CreatedWire: { session_id: 'one', url: null },
  StartErrorWire: { timestamp: 1795809067.7664783, logs: 'Traceback' },
  StartErrorsWire: { logs: [{ timestamp: 1795809067.7664783, logs: 'Traceback' }] },
  StepsWire: { id: 'a', docker_command_steps: { steps: [] } },
  SignInWire: { api_key: 'key', name: null },
  ProfileWire: { username: 'ada', first_name: 'Ada', last_name: null },
};

export const SCHEMAS = Object.entries<unknown>(wire).flatMap(
  ([name, schema]): readonly (readonly [string, z.core.$ZodType])[] =>
    schema instanceof z.core.$ZodType ? [[name, schema]] : [],
);
