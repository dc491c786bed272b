import { serverText } from '../comfyui/serverText';
import type { PythonWord } from './pythonWords';

/** What is said of a workflow on its way between a file and a session. */

export function openedText(name: string): string {
  return `${name} is open in ComfyUI, in a tab of its own`;
}

export function coveredText(name: string): string {
  return `${name} is open in ComfyUI, behind the Templates window that a new ComfyUI shows once. Close that window to see the workflow.`;
}

/** @param kept the name it is found by there. */
export function keptText(name: string, kept: string, why: string): string {
  const known = kept === name ? name : `${name}, as ${kept},`;
  return `${why} ${known} was saved among ComfyUI's own workflows instead. Open it there from the Workflows sidebar (key W). A page that is open already shows it once it is reloaded.`;
}

export const SILENT = 'The page of the session does not answer VS Code.';

export function notTakenText(name: string): string {
  return `ComfyUI did not open ${name} as it is in the file: its page shows other nodes. The file may be from another version of ComfyUI, or hold something that this one cannot read.`;
}

export function goneText(name: string, isOver: boolean): string {
  if (isOver) return `The session ended before ${name} was opened in it. Open it in another session.`;
  return `The page of the session was closed or loaded anew before ${name} was opened in it. Open it again.`;
}

/** A page that is sent such a thing answers nothing at all. */
export function pythonWordText(name: string, { word, node }: PythonWord): string {
  const where = node === undefined ? '' : ` of ${serverText(node.type)} (node ${serverText(node.id)})`;
  return `${name} was not opened: a value${where} is ${word}, which Python writes and no browser can read. Put a number in its place, save the file, and open it again.`;
}

export function apiOnlyText(name: string): string {
  return `${name} cannot be opened in ComfyUI's page: it is in API format, which says what is run and not how it is drawn. It can be queued as it is.`;
}

export type Origin = 'page' | 'lastGraph' | 'lastPrompt';

/** What the user may not expect of a workflow that was saved; undefined if it is just what the page shows. */
export function savedFromText(origin: Origin, name: string): string | undefined {
  if (origin === 'page') return undefined;
  const why = 'The page of the session is not open in VS Code, or does not answer.';
  if (origin === 'lastGraph') return `${why} ${name} holds the workflow that was queued last, without later changes.`;
  return `${why} ${name} holds what was run last, in API format: it can be queued again, but ComfyUI's page cannot draw it.`;
}

export const NOTHING_TO_SAVE =
  'There is no workflow to save: the page of the session is not open in VS Code, or does not answer, and nothing has run in the session so far.';
