import fs from 'node:fs';
import vm from 'node:vm';

/** The part of an element that the script of a tab uses. */
class Element {
  hidden = false;
  className = '';
  textContent = '';
  type = '';
  readonly attributes = new Map<string, string>();
  children: readonly Element[] = [];
  #click = (): unknown => undefined;

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  replaceChildren(...children: Element[]): void {
    this.children = children;
  }

  querySelector(): Element | null {
    return this.children[0] ?? null;
  }

  addEventListener(_: 'click', run: () => unknown): void {
    this.#click = run;
  }

  focus(): void {
    // not observed by any test
  }

  click(): void {
    this.#click();
  }
}

export interface TabNeighbours {
  /** What the script posts to the extension. */
  readonly post: (message: unknown) => void;
  /** What it posts to the framed page, and to which origin only. */
  readonly ask: (text: unknown, origin: string) => void;
}

/** The sender of a message to the window; the framed page by default. */
export interface Speaker {
  readonly origin?: string;
  readonly source?: unknown;
}

const HOST_ORIGIN = 'vscode-webview://tab';

/** A document of a session's tab, running the script that ships. */
export class TabDocument {
  readonly frame: { readonly dataset: { readonly src: string }; src: string; readonly contentWindow: object } | null;
  readonly #elements = new Map<string, Element>();
  #listen: (event: unknown) => void = () => undefined;
  #blur = (): void => undefined;
  #look = (): void => undefined;
  #focus: 'frame' | 'document' | 'elsewhere' = 'elsewhere';
  /** The window's clock, ms. */
  now = 0;

  /** @param ancestors the origins of the windows around this one; `null` in a browser that does not report them. */
  constructor(html: string, { post, ask }: TabNeighbours, ancestors: readonly string[] | null = ['vscode-file://app']) {
    const attribute = (pattern: RegExp) => {
      const found = pattern.exec(html)?.[1];
      return found?.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
    };
    const src = attribute(/<iframe [^>]*data-src="([^"]*)"/);
    this.frame = src === undefined ? null : { dataset: { src }, src: '', contentWindow: { postMessage: ask } };
    const dataset = { session: attribute(/data-session="([^"]*)"/), state: attribute(/data-state="([^"]*)"/) };
    let load: (event: unknown) => void = () => undefined;
    const window = {
      origin: HOST_ORIGIN,
      addEventListener: (type: string, listen: (event: unknown) => void) => {
        if (type === 'message') this.#listen = listen;
        if (type === 'load') load = listen;
        if (type === 'blur') this.#blur = () => listen({});
      },
    };
    const document = {
      body: { dataset },
      currentScript: { nonce: attribute(/<script nonce="([^"]+)"/) },
      hasFocus: () => this.#focus !== 'elsewhere',
      querySelector: () => this.frame,
      getElementById: (id: string) => this.element(id),
      createElement: () => new Element(),
    };
    Object.defineProperty(document, 'activeElement', { get: () => (this.#focus === 'frame' ? this.frame : null) });
    const later = { setTimeout: (run: () => void) => run(), setInterval: (run: () => void) => (this.#look = run) };
    // as VS Code does; it also takes the message out of the script's realm
    const clone = (message: unknown) => structuredClone(message);
    const acquireVsCodeApi = () => ({ postMessage: (message: unknown) => post(clone(message)), setState: () => {} });
    const performance = { now: () => this.now };
    const location = ancestors ? { ancestorOrigins: ancestors } : {};
    vm.runInNewContext(script(), { window, document, location, acquireVsCodeApi, performance, URL, ...later });
    load({});
  }

  element(id: string): Element {
    const known = this.#elements.get(id) ?? new Element();
    this.#elements.set(id, known);
    return known;
  }

  /** Somebody clicks there. A document learns that its frame took the focus, but not when the frame loses it. */
  focusOn(where: 'frame' | 'elsewhere'): void {
    this.#focus = where;
    if (where === 'frame') this.#blur();
    else this.#look();
  }

  /** A message from our own extension. */
  host(data: unknown): void {
    this.#listen({ data: structuredClone(data), origin: HOST_ORIGIN, source: {} });
  }

  /** A message from the framed page, or from a window that pretends to be it. */
  page(data: unknown, speaker: Speaker = {}): void {
    const { contentWindow, src } = this.frame ?? { contentWindow: {}, src: 'about:blank' };
    this.#listen({ data, origin: new URL(src).origin, source: contentWindow, ...speaker });
  }
}

/** What the documents that ship contain; the stages that need it build it. */
function script(): string {
  return fs.readFileSync('dist/test/webview.js', 'utf8');
}
