import * as l10n from '@vscode/l10n';
import { about, dollars } from '../platform/dollars';
import { coarse } from '../platform/durations';
import { costOf } from '../spending/cost';
import { countOf, type RunPlan } from './runPlans';

/** The estimate before many runs begin. */
export interface Forecast {
  readonly count: number;
  /** Of one run, ms; undefined if no similar run was measured. */
  readonly took: number | undefined;
  /** Billionths of a dollar a second. */
  readonly price: number | undefined;
  /** Until the session ends, ms; undefined if it is renewed while it renders, or has no known end. */
  readonly left: number | undefined;
  /** The spending limit that they would exceed, for people. */
  readonly excess: string | undefined;
}

export function forecastText({ count, took, price, left, excess }: Forecast): string {
  if (took === undefined) return l10n.t('How long a run takes is not known yet.');
  const all = count * took;
  const cost = price === undefined ? [] : [about(costOf(price, all))];
  const length = l10n.t('Expected: {0}.', [coarse(all), ...cost].join(', '));
  const end =
    left === undefined || left >= all
      ? []
      : [l10n.t('The session ends in {0}, time for about {1} of them.', coarse(left), Math.floor(left / took))];
  return [length, ...end, ...(excess === undefined ? [] : [excess])].join(' ');
}

/** `1 run`, `20 runs`. */
export function runsText(count: number): string {
  return count === 1 ? l10n.t('1 run') : l10n.t('{0} runs', count);
}

export type WhyOver = 'all' | 'cancelled' | 'limit' | 'sessionEnded' | 'inARow';

/** The result of all runs. */
export function overText(plan: RunPlan, why: WhyOver): string {
  const { name, runs, limit = '0' } = plan;
  const failed = countOf(plan, 'failed');
  const last = runs.findLast((run) => run.why !== undefined)?.why ?? '';
  const reasons: Readonly<Record<WhyOver, string>> = {
    all: '',
    cancelled: '',
    limit: l10n.t('No further run fits within the limit of {0}.', dollars(BigInt(limit))),
    sessionEnded: l10n.t('Its session ended.'),
    inARow: l10n.t('Several in a row failed, so the rest was left out.'),
  };
  const done = l10n.t('{0}: {1} of {2} done.', name, countOf(plan, 'done'), runs.length);
  const bad =
    failed === 0
      ? ''
      : failed === 1
        ? l10n.t('1 failed: {0}', last)
        : l10n.t('{0} failed, the last one: {1}', failed, last);
  return [done, bad, reasons[why]].filter((text) => text !== '').join(' ');
}
