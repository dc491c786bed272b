import { defaultPrompt, defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';

/** `deaf` says that it has loaded a graph and shows an empty canvas; `mute` never answers; `slow` loads after a while. */
export type Manner = 'good' | 'deaf' | 'mute' | 'slow';

const EMPTY = { nodes: [], links: [], version: 0.4 };

/** ComfyUI's page with ComfyDeploy's plugin, as the window around it sees it. */
export class PluginPage {
  /** What it was sent, and for which origin. */
  readonly heard: { readonly type: string; readonly origin: string }[] = [];
  /** Its tabs; the last one is on show. */
  readonly graphs: unknown[] = [defaultWorkflow];
  /** How many more looks at a slow page until it shows what it has loaded. */
  #slowness = 0;

  constructor(
    public manner: Manner,
    private readonly say: (text: string) => void,
  ) {}

  setUp(): void {
    this.#post('cd_plugin_setup', {});
  }

  hear(text: unknown, origin: string): void {
    const { type, data } = JSON.parse(String(text)) as { readonly type: string; readonly data?: unknown };
    this.heard.push({ type, origin });
    if (this.manner === 'mute') return;
    if (type === 'graph_load' && data !== undefined) this.#load(data);
    if (type === 'get_prompt')
      this.#post('cd_plugin_onGetPrompt', { workflow: this.#shown(), output: defaultPrompt(1) });
  }

  #load(data: unknown): void {
    this.graphs.push(this.manner === 'deaf' ? EMPTY : data);
    this.#slowness = this.manner === 'slow' ? 3 : 0;
    this.#post('graph_loaded', {});
    this.#post('cd_plugin_onAfterChange', { workflow: data, output: {} });
  }

  #shown(): unknown {
    return this.#slowness-- > 0 ? this.graphs.at(-2) : this.graphs.at(-1);
  }

  #post(type: string, data: unknown): void {
    this.say(JSON.stringify({ type, data }));
  }
}
