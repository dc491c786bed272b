import * as l10n from '@vscode/l10n';
import { serverText } from '../comfyui/serverText';
import type { PythonWord } from './pythonWords';

/** Texts about a workflow on its way between a file and a session. */

export function openedText(name: string): string {
  return l10n.t('{0} is open in its own tab in ComfyUI', name);
}

export function coveredText(name: string): string {
  return l10n.t(
    '{0} is open in ComfyUI, behind the Templates window that a new ComfyUI shows once. Close that window to see the workflow.',
    name,
  );
}

function notOpenText(why: 'silent' | 'notTaken'): string {
  switch (why) {
    case 'silent':
      return l10n.t("The session's page is not responding to VS Code.");
    case 'notTaken':
      return l10n.t("ComfyUI's page did not open it.");
  }
}

/** @param kept its name there. */
export function keptText(name: string, kept: string, why: 'silent' | 'notTaken'): string {
  const where =
    kept === name
      ? l10n.t("{0} was saved among ComfyUI's own workflows instead.", name)
      : l10n.t("{0} was saved among ComfyUI's own workflows instead, as {1}.", name, kept);
  const advice = l10n.t(
    'Open it there from the Workflows sidebar (key W). A page that is already open shows it after a reload.',
  );
  return `${notOpenText(why)} ${where} ${advice}`;
}

export function notTakenText(name: string): string {
  return l10n.t(
    "ComfyUI did not open {0} as it is in the file: its page shows other nodes. The file may be from another version of ComfyUI, or contain something this version can't read.",
    name,
  );
}

export function goneText(name: string, isOver: boolean): string {
  if (isOver) return l10n.t('The session ended before {0} was opened in it. Open it in another session.', name);
  return l10n.t("The session's page was closed or reloaded before {0} was opened in it. Open it again.", name);
}

/** A page that gets such a value does not answer at all. */
export function pythonWordText(name: string, { word, node }: PythonWord): string {
  const what =
    node === undefined
      ? l10n.t("{0} was not opened: a value is {1}, which Python writes and browsers can't read.", name, word)
      : l10n.t(
          "{0} was not opened: a value of {1} (node {2}) is {3}, which Python writes and browsers can't read.",
          name,
          serverText(node.type),
          serverText(node.id),
          word,
        );
  return `${what} ${l10n.t('Put a number in its place, save the file, and open it again.')}`;
}

export function apiOnlyText(name: string): string {
  return l10n.t(
    "{0} can't be opened in ComfyUI's page: it is in API format, which has no layout. You can queue it as it is.",
    name,
  );
}

export type Origin = 'page' | 'lastGraph' | 'lastPrompt';

/** What the user may not expect of a saved workflow; undefined if it is what the page shows. */
export function savedFromText(origin: Origin, name: string): string | undefined {
  if (origin === 'page') return undefined;
  const why = l10n.t("The session's page is not open in VS Code, or not responding.");
  const what =
    origin === 'lastGraph'
      ? l10n.t('{0} contains the workflow that was queued last, without later changes.', name)
      : l10n.t(
          "{0} contains what was run last, in API format: it can be queued again, but not opened in ComfyUI's page.",
          name,
        );
  return `${why} ${what}`;
}

export function nothingToSave(): string {
  return l10n.t(
    "There is no workflow to save: the session's page is not open in VS Code, or not responding, and nothing has run in the session so far.",
  );
}
