import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { kindOf } from '../../comfyui/fileKinds';
import { serverText } from '../../comfyui/serverText';
import type { Prompt } from '../../comfyui/workflow';
import { ApiError } from '../../platform/errors';
import { parseJson } from '../../platform/plainJson';
import { pick } from '../../platform/ui/pick';
import { askForFile, askForFolder } from '../../platform/ui/shown';
import {
  crossed,
  MOST_RUNS,
  newSeeds,
  oneByOne,
  readValues,
  seedsOf,
  valuesOf,
  variablesOf,
  type Settings,
  type Variable,
} from '../manyRuns';
import { runsText } from '../manyText';
import { textOnDisk } from './workflowFile';

export interface ManyQuestionsContext {
  readonly random: () => number;
  /** Uploads files, and returns their names in ComfyUI; undefined if the user cancels. */
  readonly upload: (files: readonly vscode.Uri[]) => Promise<readonly string[] | undefined>;
}

/** Values of a list that are shown. */
const SHOWN = 8;

/** Asks what differs from run to run. Undefined if the user cancels. @throws {ApiError} if that is not possible. */
export async function askForRuns(
  context: ManyQuestionsContext,
  name: string,
  prompt: Prompt,
): Promise<readonly Settings[] | undefined> {
  const variables = variablesOf(prompt);
  const seeds = seedsOf(variables);
  const title = l10n.t('Queue {0} many times', name);
  const choices = [
    ...(seeds.length > 0 ? [{ value: 'seeds', label: l10n.t('New Seeds'), description: '' }] : []),
    { value: 'one', label: l10n.t('Values of One Input…'), description: '' },
    { value: 'two', label: l10n.t('Values of Two Inputs, Each with Each…'), description: '' },
  ];
  const how = await pick({ title, placeholder: l10n.t('What differs from run to run?'), choices });
  if (typeof how !== 'string') return undefined;
  if (how === 'seeds') {
    const count = await askForCount(title);
    return count === undefined ? undefined : newSeeds(seeds, count, context.random);
  }
  const first = await askForValues(context, title, variables);
  if (!first || how === 'one') return first;
  const [{ nodeId, input } = { nodeId: '', input: '' }] = first[0] ?? [];
  const rest = variables.filter((one) => one.nodeId !== nodeId || one.input !== input);
  const second = await askForValues(context, title, rest);
  if (!second) return undefined;
  if (first.length * second.length > MOST_RUNS) throw tooMany();
  return crossed(first, second);
}

async function askForCount(title: string): Promise<number | undefined> {
  const row = (value: number) => ({ value, label: runsText(value), description: '' });
  const count = await pick<number>({
    title,
    placeholder: l10n.t('How many? Choose or type a number.'),
    choices: [4, 10, 25, 50].map(row),
    typed: (text) => {
      const typed = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
      return typed >= 1 && typed <= MOST_RUNS ? { choices: [row(typed)] } : { choices: [], hint: hint() };
    },
  });
  return typeof count === 'number' ? count : undefined;
}

async function askForValues(
  context: ManyQuestionsContext,
  title: string,
  variables: readonly Variable[],
): Promise<readonly Settings[] | undefined> {
  const variable = await pick({
    title,
    placeholder: l10n.t('Which input?'),
    choices: variables.map((value) => ({
      value,
      label: serverText(value.input),
      description: `${serverText(value.classType)} (${serverText(value.nodeId)}) · ${serverText(value.json)}`,
    })),
  });
  if (typeof variable !== 'object') return undefined;
  const values = await askForList(context, title, variable);
  return values && oneByOne(variable, values);
}

async function askForList(
  context: ManyQuestionsContext,
  title: string,
  { input, json }: Variable,
): Promise<readonly string[] | undefined> {
  const lines = { value: 'lines', label: l10n.t('Lines of a File…'), description: '' } as const;
  const files = { value: 'files', label: l10n.t('Files of a Folder…'), description: '' } as const;
  const current: unknown = parseJson(json);
  const isFile = typeof current === 'string' && kindOf({ filename: current }) !== 'file';
  const chosen = await pick<readonly string[] | 'lines' | 'files'>({
    title,
    placeholder: json.startsWith('"')
      ? l10n.t('Type values of {0}, separated by “;”', serverText(input))
      : l10n.t('Type values of {0}, separated by “;”, or a range: 1..10, or 5..8/0.5 in steps', serverText(input)),
    choices: isFile ? [files, lines] : [lines],
    typed: (text) => {
      const values = readValues(text, json);
      return values ? { choices: [rowOf(values)] } : { choices: [], hint: hint() };
    },
  });
  if (chosen === 'lines') return linesOfFile(title, json);
  if (chosen === 'files') return filesOfFolder(context, title, String(current));
  return typeof chosen === 'object' ? chosen : undefined;
}

function rowOf(values: readonly string[]) {
  const shown = values.slice(0, SHOWN).map((json) => serverText(String(parseJson(json))));
  const description = [...shown, ...(values.length > SHOWN ? ['…'] : [])].join(' · ');
  return { value: values, label: runsText(values.length), description };
}

function hint() {
  return { label: mostText(), description: '' };
}

async function linesOfFile(title: string, like: string): Promise<readonly string[] | undefined> {
  const uri = await askForFile(title, l10n.t('Use'));
  if (!uri) return undefined;
  const values = valuesOf(((await textOnDisk(uri)) ?? '').split(/\r\n|\r|\n/), like);
  if (values) return values;
  throw new ApiError('refused', l10n.t('The lines of that file are no such values, or more than {0}.', MOST_RUNS));
}

/** Files of the same kind as the current value, sorted by name. */
async function filesOfFolder(
  { upload }: ManyQuestionsContext,
  title: string,
  like: string,
): Promise<readonly string[] | undefined> {
  const folder = await askForFolder(title, l10n.t('Use'));
  if (!folder) return undefined;
  const entries = await vscode.workspace.fs.readDirectory(folder);
  const kind = kindOf({ filename: like });
  const names = entries.flatMap(([filename, type]) =>
    type === vscode.FileType.File && kindOf({ filename }) === kind ? [filename] : [],
  );
  if (names.length > MOST_RUNS) throw tooMany();
  if (names.length === 0) throw new ApiError('refused', l10n.t('No file in that folder is of the same kind.'));
  const sent = await upload(names.sort().map((name) => vscode.Uri.joinPath(folder, name)));
  return sent?.map((name) => JSON.stringify(name));
}

function mostText(): string {
  return l10n.t('At most {0} runs at a time.', MOST_RUNS);
}

function tooMany(): ApiError {
  return new ApiError('refused', mostText());
}
