import * as l10n from '@vscode/l10n';
import { serverText } from '../comfyui/serverText';
import { listText, moreText } from '../platform/language';
import { parseJson } from '../platform/plainJson';
import type { Tooltip } from '../platform/tooltip';
import type { FileValue } from './nodeHelp';

const MOST_SHOWN = 20;

/** What is known of a value or a node; undefined if nothing is. */
export function helpTooltip({ input, classType = '', help, node }: FileValue): Tooltip | undefined {
  if (node) return { title: serverText(node.title), lines: [[l10n.t('Outputs'), fewOf(node.outputs)]] };
  if (!help || input === undefined) return undefined;
  const { type, min, max, step, usual, choices } = help;
  const range = min === undefined || max === undefined ? undefined : l10n.t('{0} to {1}', min, max);
  const lines = [
    [l10n.t('Type'), type],
    [l10n.t('Range'), range],
    [l10n.t('Step'), step],
    [l10n.t('Default'), usual === undefined ? undefined : valueText(usual)],
    [l10n.t('Allowed values'), choices.length === 0 ? undefined : fewOf(choices.map(valueText))],
  ] as const;
  return {
    title: serverText(`${classType}: ${input}`),
    lines: lines.flatMap(([name, value]) => (value === undefined ? [] : [[name, serverText(value)] as const])),
  };
}

function fewOf(texts: readonly string[]): string {
  const shown = texts.slice(0, MOST_SHOWN).map(serverText);
  const rest = texts.length - shown.length;
  return listText(rest > 0 ? [...shown, moreText(rest)] : shown);
}

/** Without the quotes of JSON; numbers as they are written. */
export function valueText(json: string): string {
  const value = json.startsWith('"') ? parseJson(json) : json;
  return typeof value === 'string' ? value : json;
}
