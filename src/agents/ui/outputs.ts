import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { SessionId } from '../../comfydeploy/model';
import type { ComfyUi } from '../../comfyui/client';
import type { OutputFile } from '../../comfyui/outputs';
import { Prompts } from '../../comfyui/prompts';
import { comfyUiOf } from '../../comfyui/sessionPage';
import { addressOf } from '../../page/ui/opening';
import { sleep, type Clock } from '../../platform/clock';
import { ApiError } from '../../platform/errors';
import { SECOND } from '../../platform/units';
import { serverText } from '../../comfyui/serverText';
import { MOST } from './facts';
import { placeOf } from './files';
import { ownSession, type AgentContext, type Tool } from './tool';

const LONGEST_WAIT = 600;
const Outputs = z.lazy(() =>
  z.object({
    session: SessionId,
    run: z.optional(z.string()),
    waitSeconds: z._default(z.int().check(z.gte(0), z.lte(LONGEST_WAIT)), 60),
    saveTo: z.optional(z.string()),
    pictures: z._default(z.int().check(z.gte(0), z.lte(8)), 2),
  }),
);

const LOOK_EVERY = 2 * SECOND;
const LOOKED_AT = 8;
/** Bytes of a picture that is shown to a model. */
const LARGEST = 4_000_000;

/** Waits for a run, and fetches what it has rendered; without a run, what the session has rendered last. */
export function outputsTool(context: AgentContext): Tool<typeof Outputs> {
  const { tools, web } = context;
  return {
    input: Outputs,
    async run({ session: id, run, waitSeconds, saveTo, pictures }, cancelled) {
      const into = saveTo === undefined ? undefined : placeOf(saveTo);
      const session = await ownSession(context, id);
      const files = await (run === undefined
        ? lastFiles(comfyUiOf(session, web), cancelled)
        : filesOf(new Prompts(addressOf(session), web), { run, waitSeconds }, web.clock, cancelled));
      if (!files) return { facts: { isDone: false } };
      const saved = into && (await tools.outputFiles.saveInto(id, files, into, cancelled));
      return {
        facts: {
          isDone: true,
          files: files.slice(0, MOST).map(({ filename }) => filename),
          saved: saved?.slice(0, MOST).map((uri) => uri.fsPath),
        },
        pictures: await picturesOf(context, id, files, pictures),
      };
    },
  };
}

async function lastFiles(comfyUi: ComfyUi, cancelled: AbortSignal): Promise<readonly OutputFile[]> {
  return (await comfyUi.recent(LOOKED_AT, cancelled)).flatMap(({ files }) => files);
}

interface Awaited {
  readonly run: string;
  readonly waitSeconds: number;
}

/** Undefined if it is not done yet. @throws {ApiError} if it failed. */
async function filesOf(prompts: Prompts, { run, waitSeconds }: Awaited, clock: Clock, cancelled: AbortSignal) {
  const until = clock.monotonic() + waitSeconds * SECOND;
  for (;;) {
    const ending = await prompts.ending(run, cancelled);
    if (ending?.kind === 'done') return ending.files;
    if (ending?.kind === 'failed') throw new ApiError('refused', serverText(ending.failure.message));
    if (ending) throw new ApiError('refused', l10n.t('{0} was stopped in ComfyUI before it was done.', run));
    if (clock.monotonic() >= until) {
      const isQueued = await prompts.find({ promptId: run, clientId: run }, cancelled);
      if (isQueued || (await prompts.ending(run, cancelled))) return undefined;
      throw new ApiError('missing', `The session knows no run ${run}.`); // eslint-disable-line texts/marked -- for the model
    }
    await sleep(clock, LOOK_EVERY, cancelled);
  }
}

async function picturesOf({ bytes }: AgentContext, id: SessionId, files: readonly OutputFile[], most: number) {
  const pictures: { readonly bytes: Uint8Array; readonly mime: string }[] = [];
  for (const file of files.toReversed()) {
    const kind = /\.(png|jpe?g|webp|gif)$/i.exec(file.filename)?.[1]?.toLowerCase();
    if (pictures.length >= most || kind === undefined || (await bytes.sizeOf(id, file)) > LARGEST) continue;
    pictures.push({ bytes: await bytes.read(id, file), mime: `image/${kind.replace('jpg', 'jpeg')}` });
  }
  return pictures;
}
