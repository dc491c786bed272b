import { largestOf } from '../platform/extremes';
import type { MachineEvent, StartError } from '../comfydeploy/wire';
import { costOf } from '../spending/cost';
import { about } from '../platform/dollars';
import type { Machine, Prices } from '../comfydeploy/model';
import { plainName } from '../platform/plainText';
import { buildOf } from '../sessions/builds';
import { age, coarse, dateAndTime } from '../platform/durations';

const BILLIONTHS = 1e9;

/** How the build is, in words. @param now server time, ms. */
export function buildText(machine: Machine, now: number): string {
  const since = machine.updatedAt === undefined ? undefined : now - machine.updatedAt;
  if (machine.hosting.kind === 'unable' && machine.hosting.why === 'unbuilt') return 'none has succeeded yet';
  if (machine.status === 'ready') return 'ready';
  if (machine.status === 'error') return since === undefined ? 'failed' : `failed ${age(since)}`;
  if (machine.status !== 'building') return machine.status;
  if (since === undefined) return 'building';
  return `building for ${coarse(since)}${buildOf(machine, now) === 'stuck' ? ', perhaps stuck' : ''}`;
}

export interface MachineDayInput {
  readonly nameOf: (userId: string) => string | undefined;
  readonly prices: Prices | undefined;
  /** Server time, ms. */
  readonly now: number;
}

/** A page of text: what ran on a machine in the last 24 hours, newest first. */
export function machineDay(
  { name }: Pick<Machine, 'name'>,
  events: readonly MachineEvent[],
  facts: MachineDayInput,
): string {
  const title = `${plainName(name)}, the last 24 hours`;
  if (events.length === 0) return `${title}\n\nNo session and no run.\n`;
  const rows = [HEADINGS, ...events.map((event) => cellsOf(event, facts))];
  const widths = HEADINGS.map((_, column) => largestOf(rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   '));
  const total = events.reduce((sum, event) => sum + (costIn(event, facts) ?? 0n), 0n);
  const counts = [count(events.filter(isSession).length, 'session'), count(events.filter(isRun).length, 'run')];
  const note = 'Costs are estimates, where ComfyDeploy does not tell them, from list prices; your invoice may differ.';
  const sum = `${counts.filter((part) => part !== undefined).join(' and ')}, ${about(total)} together.`;
  return `${title}\n\n${lines.map((line) => `  ${line.trimEnd()}`).join('\n')}\n\n${sum}\n${note}\n`;
}

const HEADINGS = ['Asked for', 'What', 'GPU', 'Length', 'Cost', 'By'];

/** Only sessions have an id of that kind. */
const isSession = ({ sessionId }: MachineEvent): boolean => sessionId !== undefined;
const isRun = (event: MachineEvent): boolean => !isSession(event);

function cellsOf(event: MachineEvent, facts: MachineDayInput): readonly string[] {
  const cost = costIn(event, facts);
  return [
    dateAndTime(event.createdAt),
    isSession(event) ? 'Session' : 'Run',
    event.gpu === undefined ? '' : plainName(event.gpu),
    lengthOf(event, facts.now),
    cost === undefined ? '' : about(cost),
    (event.userId === undefined ? undefined : facts.nameOf(event.userId)) ?? '',
  ];
}

/** An end before the start is that of the row: its container came up afterwards, and runs, as far as anybody knows. */
function endOf({ startedAt = 0, endedAt }: MachineEvent): number | undefined {
  return endedAt === undefined || endedAt < startedAt ? undefined : endedAt;
}

function lengthOf(event: MachineEvent, now: number): string {
  const { startedAt } = event;
  const endedAt = endOf(event);
  if (startedAt === undefined) return endedAt === undefined ? 'not started yet' : 'never started';
  return endedAt === undefined ? `${coarse(now - startedAt)} so far` : coarse(endedAt - startedAt);
}

/** What the server says, or else what the list price comes to; 0 is what it says of costs it does not know. */
function costIn(event: MachineEvent, { prices, now }: MachineDayInput): bigint | undefined {
  const { cost = 0, gpu, startedAt } = event;
  const told = Math.round(cost * BILLIONTHS);
  if (told > 0 && Number.isSafeInteger(told)) return BigInt(told);
  const price = prices?.get(gpu ?? '');
  if (startedAt === undefined) return 0n;
  return price === undefined ? undefined : costOf(price, (endOf(event) ?? now) - startedAt);
}

function count(number: number, what: string): string | undefined {
  return number === 0 ? undefined : `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** A page of text: why containers of a machine died on their way up, newest first. */
export function startErrors({ name }: Pick<Machine, 'name'>, errors: readonly StartError[]): string {
  const sorted = [...errors].sort((a, b) => (b.at ?? 0) - (a.at ?? 0));
  const entries = sorted.map(
    ({ at, text }) => `${at === undefined ? 'At an unknown time' : dateAndTime(at)}\n\n${text}\n`,
  );
  return [`Failed starts of ${plainName(name)}, newest first\n`, ...entries].join('\n');
}
