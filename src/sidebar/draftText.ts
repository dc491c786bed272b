import * as l10n from '@vscode/l10n';
import type { Machine } from '../comfydeploy/model';
import { hourly } from '../platform/dollars';
import { minutesText } from '../platform/durations';
import { costText, type Length } from '../spending/menus';

/** A session to be started. */
export interface WholeDraft {
  readonly machine: Machine;
  readonly gpu: string;
  readonly length: Length;
}

/** `sd-box · A10G · 15 min · about $0.31`. */
export function draftText({ machine, gpu, length }: WholeDraft, price: number | undefined): string {
  if (length !== 'lease') return [machine.name, gpu, minutesText(length), costText(price, length)].join(' · ');
  const rate = price === undefined ? costText(price, 0) : hourly(price);
  return [machine.name, gpu, l10n.t('as long as I use it'), rate].join(' · ');
}

/** The question without its question mark. */
export function startText({ machine, gpu, length }: WholeDraft): string {
  return length === 'lease'
    ? l10n.t('Start {0} on {1} for as long as you use it', gpu, machine.name)
    : l10n.t('Start {0} on {1} for {2}', gpu, machine.name, minutesText(length));
}
