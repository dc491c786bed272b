import * as l10n from '@vscode/l10n';
import { MOST } from '../platform/body';
import { ApiError } from '../platform/errors';
import type { Http, HttpRequest } from '../platform/http';
import { connect, discreet, TIMEOUT, type Web } from './connection';
import { safeName } from './fileNames';
import { exactJson } from '../platform/jsonText';
import { stableWorkflow } from './stableJson';
import { workflowIn, type Graph } from './workflow';

/** How many numbered names are tried. */
const MOST_NAMES = 50;
/** A stored file that is this much longer is another workflow, in any spelling: it is neither read nor compared. */
const [LEAST, LONGER] = [65_536, 20];
/** Leaves room for a number and the extension. */
const LONGEST_NAME = 120;

/**
 * Stores a graph among ComfyUI's own workflows without overwriting anything. An open page shows it only after a reload.
 * @returns its name there: a different one if the first is taken by another workflow.
 */
export async function keepInComfyUi(
  address: string,
  web: Web,
  { name, graph }: { readonly name: string; readonly graph: Graph },
  signal: AbortSignal,
): Promise<string> {
  const { http } = connect(address, web);
  // The server would decode a percent sign a second time.
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

/** Whether the stored workflow is this graph. */
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
