import type { TestContext } from 'node:test';
import { Prompts } from '../../src/comfyui/prompts';
import type { NodeProblem } from '../../src/comfyui/refusal';
import { Rendering } from '../../src/workflows/rendering';
import type { Outcome } from '../../src/workflows/outcome';
import type { Stage } from '../../src/comfyui/progress';
import type { Graph, Prompt } from '../../src/comfyui/workflow';
import { systemClock, type Clock } from '../../src/platform/clock';
import { sockets } from '../../src/platform/node/sockets';
import { LogBook } from '../fakes/setup';
import { until } from '../fakes/until';
import { startComfyUi, type ComfyUi, type ComfyUiOptions } from '../simulator/comfyui/comfyUi';

/** The real clock, so many times as fast. */
function hurried(times: number): Clock {
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() * times,
    after: (ms, run) => systemClock.after(ms / times, run),
  };
}

/** A session's ComfyUI that renders fast, and a client that queues in it. */
export async function startRenderings(t: TestContext, options: Partial<ComfyUiOptions> = {}) {
  const log = new LogBook();
  const sent: string[] = [];
  const known = { comfyUi: await startComfyUi({ gpu: 'A10G', ...options }) };
  const owned: AbortController[] = [];
  const runs: Promise<unknown>[] = [];
  t.after(async () => {
    for (const one of owned) one.abort(new Error('the test is over'));
    await Promise.allSettled(runs);
    await known.comfyUi.close();
  });

  /** Starts another, empty one at the same address. */
  const restart = async () => {
    const port = Number(new URL(known.comfyUi.url).port);
    await known.comfyUi.close();
    known.comfyUi = await startComfyUi({ gpu: 'A10G', ...options, port });
  };

  const clock = hurried(20);
  const ask: typeof fetch = (input, init) => {
    if (typeof init?.body === 'string') sent.push(init.body);
    return fetch(input, init);
  };
  const web = { clock, log, random: () => 0.5, fetch: ask };
  const render = (prompt: unknown, { graph }: { readonly graph?: Graph | undefined } = {}) => {
    const [cancelled, gone] = [new AbortController(), new AbortController()];
    owned.push(gone);
    const stages: Stage[] = [];
    const problems: NodeProblem[] = [];
    const known_ = { isAsked: false, isAccepted: false, isSilent: false, failures: [] as string[] };
    const rendering = new Rendering({
      prompts: new Prompts(known.comfyUi.url, web),
      sockets,
      clock,
      random: () => 0.5,
      job: { prompt: prompt as Prompt, graph },
      cancelled: cancelled.signal,
      gone: gone.signal,
      listener: {
        sending: () => Promise.resolve(),
        asking: () => (known_.isAsked = true),
        progress: (stage, isSilent) => {
          stages.push(stage);
          known_.isSilent ||= isSilent;
        },
        accepted: (found) => {
          known_.isAccepted = true;
          problems.push(...found);
        },
        notCancelled: ({ message }) => void known_.failures.push(message),
      },
    });
    const outcome: Promise<Outcome> = rendering.run();
    runs.push(outcome);
    outcome.catch(() => undefined);
    return {
      outcome,
      stages,
      problems,
      known: known_,
      cancel: () => cancelled.abort(),
      gone: () => gone.abort(new Error('gone')),
      accepted: () => until('its place in the queue', () => known_.isAccepted),
      running: () => until('it to run', () => stages.some(({ kind }) => kind === 'running')),
    };
  };
  return {
    render,
    restart,
    log,
    sent,
    get control(): ComfyUi['control'] {
      return known.comfyUi.control;
    },
    get url() {
      return known.comfyUi.url;
    },
  };
}
