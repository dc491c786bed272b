import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { stableWorkflow } from '../../comfyui/stableJson';
import { shownName } from '../../comfyui/shownName';
import { workflowIn, type Workflow } from '../../comfyui/workflow';
import { ApiError } from '../../platform/errors';
import { readForeignJson } from '../../platform/pythonJson';
import { Slices, stepsOf } from '../../platform/slices';
import { webviewPanel } from '../../platform/ui/shown';
import type { Texts } from '../../platform/ui/texts';
import { carrierOf, isCarrier, readCarrier, type ReadingFile } from '../../workflows/ui/carriers';
import type { Checking } from '../../workflows/ui/checking';
import { namedValue, valueNames } from '../../workflows/ui/valueNames';
import { fileFor } from '../../workflows/ui/workflowCommands';
import { nameOf, type WorkflowFile } from '../../workflows/ui/workflowFile';
import type { WorkflowFiles } from '../../workflows/ui/workflowFiles';
import { findPlaces, rangeOf } from '../../workflows/ui/workflowProblems';
import type { KeptNodes } from '../../workflows/keptNodes';
import { differing } from '../difference';
import { drawing } from '../drawing';
import { settled } from '../layers';
import type { Box } from '../picture';
import { shownPicture, withChanges, withProblems } from '../pictureText';
import { PICTURE, type PictureEditor } from './latePictures';
import { isSame, PicturePage, type PageContext, type Source } from './picturePage';

export interface PicturesContext extends PageContext {
  readonly files: Pick<WorkflowFiles, 'known'>;
  readonly readingFile: ReadingFile;
  readonly kept: Pick<KeptNodes, 'newest'>;
  readonly checking: Pick<Checking, 'problemsIn'>;
  readonly texts: Pick<Texts, 'show'>;
}

/** Draws workflows, and how two of them differ. */
export class Pictures implements PictureEditor {
  constructor(private readonly context: PicturesContext) {}

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    new PicturePage(panel, this.#of(uri), this.context);
  }

  /** Of a file, or of the difference that the tab in front shows. */
  readonly show = async (target: unknown): Promise<void> => {
    const front = vscode.window.tabGroups.all.find(({ isActive }) => isActive)?.activeTab;
    if (front?.input instanceof vscode.TabInputTextDiff) {
      const sides = [front.input.original, front.input.modified] as const;
      if (!(target instanceof vscode.Uri) || sides.some((side) => isSame(side, target))) {
        const panel = webviewPanel('comfydeploy.difference', front.label, vscode.ViewColumn.Active, {});
        new PicturePage(panel, this.#between(front.label, ...sides), this.context);
        return;
      }
    }
    const uri = carrierOf(target)?.uri ?? (await fileFor(this.context, target, l10n.t('Open which workflow?')))?.uri;
    if (uri) await vscode.commands.executeCommand('vscode.openWith', uri, PICTURE);
  };

  #of(uri: vscode.Uri): Source {
    const { context } = this;
    const { kept, checking, texts } = context;
    const isInside = isCarrier(uri);
    const read = async (slices: Slices) =>
      isInside ? readCarrier({ uri, madeIn: undefined }, context) : readText(uri, slices);
    return {
      title: shownName(nameOf(uri)),
      texts: [uri],
      async *read(slices, signal) {
        const file = await read(slices);
        yield shownPicture(await drawn(file.workflow, new Map(), slices));
        const names = await valueNames(kept, [file.workflow], slices);
        const problems = await checking.problemsIn(file, signal);
        if (names.size + problems.length > 0)
          yield shownPicture(withProblems(await drawn(file.workflow, names, slices), problems));
      },
      async open(box) {
        if (!isInside) return goTo(uri, box);
        const { name, workflow } = await read(new Slices(context.clock));
        const text = stableWorkflow(workflow.graph ?? workflow.prompt);
        await texts.show(`${name}.json`, text, await optionsFor(text, box));
      },
    };
  }

  #between(title: string, ...sides: readonly [before: vscode.Uri, after: vscode.Uri]): Source {
    const { kept } = this.context;
    return {
      title,
      texts: sides,
      async *read(slices) {
        const [{ workflow: before }, { workflow: after }] = [
          await readText(sides[0], slices),
          await readText(sides[1], slices),
        ];
        const names = await valueNames(kept, [before, after], slices);
        const difference = await stepsOf(differing(before, after, namedBy(names))).inSlices(slices);
        if (!difference)
          throw new ApiError(
            'refused',
            l10n.t('One of them is drawn and the other in API format, so they cannot be compared.'),
          );
        const nameOfValue = ({ scope, id }: { readonly scope: string; readonly id: string }, key: string) =>
          names.get(namedValue(scope, id, key));
        yield shownPicture(settled(withChanges(difference, nameOfValue)), difference);
      },
      open: (box) => goTo(sides[box.mark === 'removed' ? 0 : 1], box),
    };
  }
}

type Names = ReadonlyMap<string, string>;

function namedBy(names: Names) {
  return (path: string, key: string) => names.get(`${path} ${key}`);
}

async function drawn(workflow: Workflow, names: Names, slices: Slices) {
  return settled(await stepsOf(drawing(workflow, namedBy(names))).inSlices(slices));
}

/** Any text that VS Code can show, in its present state. @throws {ApiError} if it is no workflow. */
async function readText(uri: vscode.Uri, slices: Slices): Promise<WorkflowFile> {
  const text = (await vscode.workspace.openTextDocument(uri)).getText();
  const workflow = workflowIn(await readForeignJson(text.replace(/^(?:\ufeff|\/\/.*\n)+/, ''), slices));
  const name = nameOf(uri);
  if (!workflow) throw new ApiError('refused', l10n.t("{0} isn't a ComfyUI workflow.", name));
  return { uri, name, text, workflow };
}

async function goTo(uri: vscode.Uri, box: Box): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const shown = vscode.window.visibleTextEditors.find((editor) => isSame(editor.document.uri, uri));
  const viewColumn = shown?.viewColumn ?? vscode.ViewColumn.Beside;
  await vscode.window.showTextDocument(document.uri, { ...(await optionsFor(document.getText(), box)), viewColumn });
}

async function optionsFor(text: string, { key, id, type }: Box): Promise<vscode.TextDocumentShowOptions> {
  const scope = /^\["node","(.+)",/.exec(key)?.[1];
  const [place] = await findPlaces(text, [
    { nodeId: scope === undefined ? id : `${scope}:${id}`, classType: type, input: undefined },
  ]);
  return { ...(place ? { selection: rangeOf(place) } : {}), viewColumn: vscode.ViewColumn.Beside };
}
