import { PluginPage, type Manner } from '../fakes/pluginPage';
import { TabDocument } from '../fakes/tabDocument';
import type { FakePanel } from '../fakes/vscode/panel';
import type { World } from './start';
import { panelOf } from './tabPage';

/** The page in the frame of a tab, connected to the extension by the script that ships. */
export class FramedComfyUi {
  readonly page: PluginPage;
  #document: TabDocument;

  constructor(
    readonly panel: FakePanel,
    manner: Manner,
  ) {
    this.page = new PluginPage(manner, (text) => this.#document.page(text));
    this.#document = this.#open(panel.webview.html);
    panel.webview.onDidLoad((html) => (this.#document = this.#open(html)));
    panel.webview.onDidPost((message) => this.#document.host(message));
  }

  get document(): TabDocument {
    return this.#document;
  }

  /** As after a reload, when the plugin starts to listen. */
  readonly setUp = (): void => {
    this.#document.now += 5_000;
    this.page.setUp();
  };

  #open(html: string): TabDocument {
    return new TabDocument(html, {
      post: (message) => !this.panel.isDisposed && this.panel.webview.send(message),
      ask: (text, origin) => queueMicrotask(() => this.page.hear(text, origin)),
    });
  }
}

/** The session's tab, once it frames an address. */
export async function framed(world: World, manner: Manner = 'good'): Promise<FramedComfyUi> {
  const panel = await world.until('a framed page', () => {
    const shown = world.editor.panels.at(-1);
    return shown?.webview.html.includes('<iframe') && shown;
  });
  return new FramedComfyUi(panel, manner);
}

/** A session's tab with a page that is ready. */
export async function openFramed(world: World, target: unknown, manner: Manner = 'good'): Promise<FramedComfyUi> {
  await world.run('openSession', target);
  const frame = new FramedComfyUi(panelOf(world), manner);
  frame.setUp();
  return frame;
}
