import { parseJson } from '../platform/plainJson';
import { dynamicText } from './dynamicText';
import type { Setting, Settings } from './manyRuns';

/** A text of a drawn workflow in which the page chooses anew for each run: `{red|green} car`. */
export interface ChoosingText extends Pick<Setting, 'nodeId' | 'input'> {
  readonly text: string;
}

/**
 * The runs with choices of their own, as the page makes them. A value that differs from run to run is such a text, too.
 * @param random in [0, 1).
 */
export function withChoices(
  runs: readonly Settings[],
  texts: readonly ChoosingText[],
  random: () => number,
): readonly Settings[] {
  const chosen = ({ nodeId, input, text }: ChoosingText): Setting => {
    return { nodeId, input, json: JSON.stringify(dynamicText(text, random)) };
  };
  return runs.map((set) => {
    const given = set.map((setting) => {
      const value: unknown = texts.some((one) => isSame(one, setting)) ? parseJson(setting.json) : undefined;
      return typeof value === 'string' ? chosen({ ...setting, text: value }) : setting;
    });
    const left = texts.filter((one) => one.text.includes('{') && !set.some((setting) => isSame(one, setting)));
    return [...given, ...left.map(chosen)];
  });
}

function isSame(one: Pick<Setting, 'nodeId' | 'input'>, { nodeId, input }: Setting): boolean {
  return one.nodeId === nodeId && one.input === input;
}
