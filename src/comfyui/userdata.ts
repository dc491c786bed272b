import * as l10n from '@vscode/l10n';
import { MOST } from '../platform/body';
import { ApiError } from '../platform/errors';
import type { Http, HttpRequest } from '../platform/http';
import { connect, discreet, TIMEOUT, type Web } from './connection';
import { safeName } from './fileNames';
import { exactJson } from '../platform/jsonText';
import { stableWorkflow } from './stableJson';
import { workflowIn, type Graph } from './workflow';

/** Numbers of the same name that are tried. */
const MOST_NAMES = 50;
/** What is so much longer is another workflow, however it is written: it is not read, and not compared. */
const [LEAST, LONGER] = [65_536, 20];
/** Room for a number and the extension in what a disk takes. */
const LONGEST_NAME = 120;

/**
 * Puts a graph among the workflows that ComfyUI itself keeps, over nothing that is there. An open page shows it only
 * once it has been loaded anew.
 * @returns the name it is found by: another one if the first is that of another workflow.
 */
export async function keepInComfyUi(
  address: string,
  web: Web,
  { name, graph }: { readonly name: string; readonly graph: Graph },
  signal: AbortSignal,
): Promise<string> {
  const { http } = connect(address, web);
  // A percent sign would be read once more by the server, as the beginning of another character.
  const wanted = safeName(name.replaceAll('%', '_'), LONGEST_NAME);
  const most = Math.min(MOST.workflow, LEAST + LONGER * exactJson(graph).length);
  for (let count = 1; count <= MOST_NAMES; count++) {
    const free = count === 1 ? wanted : `${wanted} (${count})`;
    const path = `/userdata/${encodeURIComponent(`workflows/${free}.json`)}`; // a slash would be another route
    const ask = { path, key: null, signal, timeout: TIMEOUT };
    try {
      const put = await http.answer({ ...ask, method: 'POST', query: { overwrite: 'false' }, body: graph });
      if (!put.failure) return free;
      if (put.status !== 409) throw put.failure;
      if (await isThere(http, { ...ask, method: 'GET', most }, graph)) return free;
    } catch (error) {
      throw discreet(error);
    }
  }
  throw new ApiError(
    'refused',
    l10n.t('ComfyUI already keeps {0} other workflows named {1}. Rename the file.', MOST_NAMES, wanted),
  );
}

/** Whether what is kept under a name is this graph. */
async function isThere(http: Http, request: HttpRequest, graph: Graph): Promise<boolean> {
  try {
    const { failure, text } = await http.answer(request);
    return !failure && isSame(await http.json(text, request), graph);
  } catch (error) {
    if (error instanceof ApiError && error.isTooLarge) return false;
    throw error;
  }
}

function isSame(kept: unknown, graph: Graph): boolean {
  const there = workflowIn(kept)?.graph;
  return there !== undefined && stableWorkflow(there) === stableWorkflow(graph);
}
