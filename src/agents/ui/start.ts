import * as z from 'zod/mini';
import { startable } from '../../sessions/builds';
import { costLine } from '../../spending/ui/spendingQuestion';
import { gpuMenu, isOffered } from '../../spending/menus';
import { startText } from '../../sidebar/draftText';
import { machineNamed } from '../../sidebar/startable';
import { factsOf, possible } from './facts';
import { costFor, questionOf } from './money';
import { refuseExcess, upToDate, type AgentContext, type Tool } from './tool';

/** A session of an agent has a fixed length, minutes. */
const LONGEST = 240;

const Start = z.lazy(() =>
  z.object({
    machine: z.string(),
    gpu: z.optional(z.string()),
    minutes: z.int().check(z.gte(1), z.lte(LONGEST)),
  }),
);

/** Starts a session, if that fits the wallet, and waits until it is ready. */
export function startTool(context: AgentContext): Tool<typeof Start> {
  const { appState, creating, money, wallet } = context;
  return {
    input: Start,
    async ask(input) {
      const draft = await draftOf(context, input);
      const { gpu, length: minutes } = draft;
      await refuseExcess(context, costFor(gpu, minutes, appState()));
      return questionOf(context, startText(draft), costLine(appState(), { gpu, minutes }));
    },
    async run(input, cancelled) {
      const draft = await draftOf(context, input);
      const wanted = costFor(draft.gpu, draft.length, appState());
      const session = await creating.startWithin(
        draft,
        true,
        (_, work) => work(cancelled, () => undefined),
        (create) =>
          wallet.start(wanted, async () => {
            const id = await create();
            void money.recorder.note(id, { kind: 'started' });
            return id;
          }),
      );
      if (!session) throw new DOMException('Aborted', 'AbortError');
      return { facts: factsOf(session, appState()) };
    },
  };
}

/** @throws {ApiError} that names what is possible. */
async function draftOf(context: AgentContext, { machine: name, gpu: named, minutes }: z.output<typeof Start>) {
  await upToDate(context);
  const { snapshot, prices } = context.appState();
  const machines = startable(snapshot).filter(({ hosting }) => hosting.kind === 'able');
  const machine = machineNamed(machines, name);
  if (!machine) throw possible(machines.map((one) => one.name));
  const gpu = named ?? machine.gpu;
  if (gpu === undefined || !isOffered(machine, gpu, prices))
    throw possible(gpuMenu(machine, prices).map((one) => one.value));
  return { machine, gpu, length: minutes };
}
