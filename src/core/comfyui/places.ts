import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import type { NodeProblem } from './refusal';

/** Lines and characters count from 0. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** Where a problem is seen in a file. */
export interface Place {
  readonly start: Position;
  readonly end: Position;
  /** What stands there. */
  readonly text: string;
}

/** Where prompts stand in files. */
const PATHS = [[], ['output'], ['prompt']];

/**
 * For each problem the value of the input that it names, or the key of its node; undefined where the text has no such node,
 * or one of another class. Broken text is read as far as it goes.
 */
export function placesOf(text: string, problems: readonly NodeProblem[]): readonly (Place | undefined)[] {
  const root = parseTree(text);
  const starts = startsOf(text);
  return problems.map((problem) => {
    const found = root && find(root, problem);
    return found && placeOf(found, text, starts);
  });
}

function find(root: Node, { nodeId, classType, input }: NodeProblem): Node | undefined {
  const path = PATHS.map((base) => [...base, nodeId]).find((one) => findNodeAtLocation(root, [...one, 'class_type']));
  if (!path) return undefined;
  const name: unknown = findNodeAtLocation(root, [...path, 'class_type'])?.value;
  if (classType !== undefined && name !== classType) return undefined;
  const value = input === undefined ? undefined : findNodeAtLocation(root, [...path, 'inputs', input]);
  return value ?? findNodeAtLocation(root, path)?.parent?.children?.[0];
}

function placeOf({ offset, length }: Node, text: string, starts: readonly number[]): Place {
  const [start, end] = [positionOf(offset, starts), positionOf(offset + length, starts)];
  return { start, end, text: text.slice(offset, offset + length) };
}

/** Where each line begins, as VS Code counts them. */
function startsOf(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map(({ index, 0: ending }) => index + ending.length)];
}

function positionOf(offset: number, starts: readonly number[]): Position {
  const line = Math.max(
    0,
    starts.findLastIndex((start) => start <= offset),
  );
  return { line, character: offset - (starts[line] ?? 0) };
}
