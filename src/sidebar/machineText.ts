import * as l10n from '@vscode/l10n';
import { largestOf } from '../platform/extremes';
import type { MachineEvent, StartError } from '../comfydeploy/wire';
import { costOf } from '../spending/cost';
import { about } from '../platform/dollars';
import type { Machine, Prices } from '../comfydeploy/model';
import { listText } from '../platform/language';
import { plainName } from '../platform/plainText';
import { buildOf } from '../sessions/builds';
import { age, coarse, dateAndTime } from '../platform/durations';
import { BILLIONTHS } from '../platform/units';

/** The state of the build. @param now server time, ms. */
export function buildText(machine: Machine, now: number): string {
  const since = machine.updatedAt === undefined ? undefined : now - machine.updatedAt;
  if (machine.hosting.kind === 'unable' && machine.hosting.why === 'unbuilt') return l10n.t('none has succeeded yet');
  if (machine.hosting.kind === 'unable' && machine.hosting.why === 'unread') return l10n.t('unknown');
  if (machine.status === 'ready') return l10n.t('ready');
  if (machine.status === 'error') return since === undefined ? l10n.t('failed') : l10n.t('failed {0}', age(since));
  if (machine.status !== 'building') return machine.status;
  if (since === undefined) return l10n.t('building');
  return buildOf(machine, now) === 'stuck'
    ? l10n.t('building for {0}, perhaps stuck', coarse(since))
    : l10n.t('building for {0}', coarse(since));
}

export interface MachineDayInput {
  readonly nameOf: (userId: string) => string | undefined;
  readonly prices: Prices | undefined;
  /** Server time, ms. */
  readonly now: number;
}

/** A page of text with what ran on a machine in the last 24 hours, newest first. */
export function machineDay(
  { name }: Pick<Machine, 'name'>,
  events: readonly MachineEvent[],
  input: MachineDayInput,
): string {
  const title = l10n.t('{0}, last 24 hours', plainName(name));
  if (events.length === 0) return `${title}\n\n${l10n.t('No sessions and no runs.')}\n`;
  const headings = headingsOf();
  const rows = [headings, ...events.map((event) => cellsOf(event, input))];
  const widths = headings.map((_, column) => largestOf(rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   '));
  const total = events.reduce((sum, event) => sum + (costIn(event, input) ?? 0n), 0n);
  const counts = [...sessionCount(events.filter(isSession).length), ...runCount(events.filter(isRun).length)];
  const note = l10n.t("Costs that ComfyDeploy doesn't report are estimates from list prices; your invoice may differ.");
  const sum = l10n.t({
    message: '{0}, {1} in total.',
    args: [listText(counts), about(total)],
    comment: ['{0} counts sessions and runs, {1} is what they cost.'],
  });
  return `${title}\n\n${lines.map((line) => `  ${line.trimEnd()}`).join('\n')}\n\n${sum}\n${note}\n`;
}

const headingsOf = () => [
  l10n.t('Requested'),
  l10n.t('What'),
  l10n.t('GPU'),
  l10n.t('Length'),
  l10n.t('Cost'),
  l10n.t('By'),
];

/** Only events of sessions have a session id. */
const isSession = ({ sessionId }: MachineEvent): boolean => sessionId !== undefined;
const isRun = (event: MachineEvent): boolean => !isSession(event);

function cellsOf(event: MachineEvent, input: MachineDayInput): readonly string[] {
  const cost = costIn(event, input);
  return [
    dateAndTime(event.createdAt),
    isSession(event) ? l10n.t('Session') : l10n.t('Run'),
    event.gpu === undefined ? '' : plainName(event.gpu),
    lengthOf(event, input.now),
    cost === undefined ? '' : about(cost),
    (event.userId === undefined ? undefined : input.nameOf(event.userId)) ?? '',
  ];
}

/** An end before the start is when the row was closed: the container started afterwards, and may still run. */
function endOf({ startedAt = 0, endedAt }: MachineEvent): number | undefined {
  return endedAt === undefined || endedAt < startedAt ? undefined : endedAt;
}

function lengthOf(event: MachineEvent, now: number): string {
  const { startedAt } = event;
  const endedAt = endOf(event);
  if (startedAt === undefined) return endedAt === undefined ? l10n.t('not started yet') : l10n.t('never started');
  return endedAt === undefined ? l10n.t('{0} so far', coarse(now - startedAt)) : coarse(endedAt - startedAt);
}

/** The server's cost, or else an estimate from the list price; the server reports 0 for costs that it does not know. */
function costIn(event: MachineEvent, { prices, now }: MachineDayInput): bigint | undefined {
  const { cost = 0, gpu, startedAt } = event;
  const whole = Math.round(cost * BILLIONTHS);
  if (whole > 0 && Number.isSafeInteger(whole)) return BigInt(whole);
  const price = prices?.get(gpu ?? '');
  if (startedAt === undefined) return 0n;
  return price === undefined ? undefined : costOf(price, (endOf(event) ?? now) - startedAt);
}

function sessionCount(count: number): readonly string[] {
  if (count === 0) return [];
  return [count === 1 ? l10n.t('1 session') : l10n.t('{0} sessions', count)];
}

function runCount(count: number): readonly string[] {
  if (count === 0) return [];
  return [count === 1 ? l10n.t('1 run') : l10n.t('{0} runs', count)];
}

/** A page of text with the errors of containers that died while starting, newest first. */
export function startErrors({ name }: Pick<Machine, 'name'>, errors: readonly StartError[]): string {
  const sorted = [...errors].sort((a, b) => (b.at ?? 0) - (a.at ?? 0));
  const entries = sorted.map(
    ({ at, text }) => `${at === undefined ? l10n.t('At an unknown time') : dateAndTime(at)}\n\n${text}\n`,
  );
  return [`${l10n.t('Failed starts of {0}, newest first', plainName(name))}\n`, ...entries].join('\n');
}
