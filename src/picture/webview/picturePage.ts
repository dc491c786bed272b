/// <reference lib="dom" />
import { around, NOTHING, type Shown } from '../picture';
import { Renderer, type View } from './renderer';

interface Kept extends View {
  readonly filter: string;
}
declare function acquireVsCodeApi(): {
  postMessage(message: string): void;
  setState(state: Kept): void;
  /** What this page has set. */
  getState(): Kept | undefined;
};

/** The elements of the document. */
interface Parts {
  readonly input: HTMLInputElement;
  readonly list: HTMLSelectElement;
  readonly canvas: HTMLCanvasElement;
  readonly about: HTMLElement;
  readonly count: HTMLElement;
}

const STEP = 80;
const [FARTHEST, NEAREST] = [0.01, 4];
/** How far a box that is shown is at most. */
const NEAR = 0.7;
/** Pixels; a pointer that moves less has clicked. */
const STILL = 4;

class PicturePage {
  readonly #vscode = acquireVsCodeApi();
  readonly #kept = this.#vscode.getState();
  #view: View = this.#kept ?? { x: 0, y: 0, zoom: 0 };
  #shown: Shown = { picture: NOTHING, labels: [], about: '' };
  /** What each box is found by. */
  #words: readonly string[] = [];
  #found: ReadonlySet<number> = new Set();
  #chosen = -1;
  #isDue = false;
  /** Where the pointer was, and how far it has been moved, while it is down. */
  #drag: { readonly x: number; readonly y: number; readonly way: number } | undefined;

  constructor(private readonly parts: Parts) {
    const { input, list, canvas } = parts;
    input.value = this.#kept?.filter ?? '';
    window.addEventListener('message', ({ data }: MessageEvent<Shown>) => this.#show(data));
    input.addEventListener('input', () => this.#filter());
    input.addEventListener('keydown', ({ key }) => {
      if (key !== 'Enter' && key !== 'ArrowDown') return;
      list.focus();
      list.selectedIndex = Math.max(list.selectedIndex, 0);
      this.#choose(Number(list.value));
    });
    list.addEventListener('change', () => this.#choose(Number(list.value)));
    list.addEventListener('dblclick', () => this.#open());
    list.addEventListener('keydown', ({ key }) => key === 'Enter' && this.#open());
    canvas.addEventListener('keydown', (event) => this.#press(event));
    this.#follow(canvas);
    document.addEventListener('click', ({ target }) => target instanceof HTMLButtonElement && this.#act('all'));
    new ResizeObserver(() => this.#resize()).observe(canvas);
    const themes = new MutationObserver(() => this.#draw());
    for (const one of [document.documentElement, document.body]) themes.observe(one, { attributes: true });
    this.#vscode.postMessage('loaded');
  }

  #follow(canvas: HTMLCanvasElement): void {
    canvas.addEventListener('pointerdown', ({ pointerId, offsetX: x, offsetY: y }) => {
      canvas.setPointerCapture(pointerId);
      this.#drag = { x, y, way: 0 };
    });
    canvas.addEventListener('pointermove', ({ offsetX: x, offsetY: y }) => {
      if (!this.#drag) return this.#point(x, y);
      const [dx, dy] = [this.#drag.x - x, this.#drag.y - y];
      this.#drag = { x, y, way: this.#drag.way + Math.abs(dx) + Math.abs(dy) };
      this.#pan(dx, dy);
    });
    canvas.addEventListener('pointerup', ({ offsetX, offsetY }) => {
      const isClick = this.#drag && this.#drag.way < STILL;
      this.#drag = undefined;
      const index = isClick ? this.#boxAt(offsetX, offsetY) : -1;
      if (index < 0) return;
      this.#choose(index);
      this.#open();
    });
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        this.#zoom(Math.exp(event.deltaY * (event.ctrlKey ? -0.01 : -0.0015)), event.offsetX, event.offsetY);
      },
      { passive: false },
    );
  }

  #show(shown: Shown): void {
    const key = this.#shown.picture.boxes[this.#chosen]?.key;
    this.#shown = shown;
    const { boxes } = shown.picture;
    this.#words = boxes.map(({ type, values }, index) =>
      [shown.labels[index], type, ...values].join('\n').toLowerCase(),
    );
    this.#chosen = key === undefined ? -1 : boxes.findIndex((box) => box.key === key);
    this.#filter();
    if (this.#view.zoom === 0) this.#act('all');
    this.#tell();
  }

  #filter(): void {
    const { input, list, count } = this.parts;
    const filter = input.value.toLowerCase();
    const found = this.#words.flatMap((words, index) => (words.includes(filter) ? [index] : []));
    this.#found = new Set(found);
    list.replaceChildren(...found.map((index) => new Option(this.#shown.labels[index], String(index))));
    list.value = String(this.#chosen);
    count.textContent = `${found.length} / ${this.#words.length}`;
    this.#draw();
  }

  #choose(index: number): void {
    const at = this.#shown.picture.boxes[index]?.at;
    if (!at) return;
    this.#chosen = index;
    this.parts.list.value = String(index);
    const { clientWidth, clientHeight } = this.parts.canvas;
    const [x, y, width, height] = at;
    const { x: left, y: top, zoom } = this.#view;
    const isSeen =
      x >= left && y >= top && x + width <= left + clientWidth / zoom && y + height <= top + clientHeight / zoom;
    if (!isSeen || zoom < NEAR / 2) {
      const now = Math.max(zoom, NEAR);
      this.#view = { x: x + (width - clientWidth / now) / 2, y: y + (height - clientHeight / now) / 2, zoom: now };
    }
    this.#tell();
    this.#draw();
  }

  /** What is known of the chosen box, or of the whole. */
  #tell(): void {
    const box = this.#shown.picture.boxes[this.#chosen];
    const of = (texts: readonly string[] = []) => texts.map((text) => `\n${text}`).join('');
    const said =
      box && `${this.#shown.labels[this.#chosen] ?? ''}${of(box.problems)}${of(box.changes)}${of(box.values)}`;
    this.parts.about.textContent = said ?? this.#shown.about;
  }

  /** Shows the chosen box's place in the text. */
  #open(): void {
    const box = this.#shown.picture.boxes[this.#chosen];
    if (box) this.#vscode.postMessage(box.key);
  }

  #press(event: KeyboardEvent): void {
    const { key } = event;
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
    const act = { '+': 'in', '=': 'in', '-': 'out', '0': 'all' }[key];
    if (key === 'Enter') this.#open();
    else if (dx || dy) this.#pan((dx ?? 0) * STEP, (dy ?? 0) * STEP);
    else if (act && !event.ctrlKey && !event.metaKey) this.#act(act);
    else return;
    event.preventDefault();
  }

  #act(action: string): void {
    const { clientWidth: across, clientHeight: down } = this.parts.canvas;
    if (action !== 'all') return this.#zoom(action === 'in' ? 1.25 : 0.8, across / 2, down / 2);
    const { boxes, frames } = this.#shown.picture;
    const [x, y, width, height] = around([...boxes, ...frames].map(({ at }) => at));
    if (across === 0 || width === 0) return;
    const zoom = Math.max(Math.min((0.94 * across) / width, (0.94 * down) / height, 1), FARTHEST);
    this.#view = { x: x + (width - across / zoom) / 2, y: y + (height - down / zoom) / 2, zoom };
    this.#draw();
  }

  #pan(dx: number, dy: number): void {
    const { x, y, zoom } = this.#view;
    this.#view = { x: x + dx / zoom, y: y + dy / zoom, zoom };
    this.#draw();
  }

  /** @param left what stays where it is, in pixels. */
  #zoom(factor: number, left: number, top: number): void {
    const { x, y, zoom } = this.#view;
    const now = Math.max(FARTHEST, Math.min(zoom * factor, NEAREST));
    this.#view = { x: x + left / zoom - left / now, y: y + top / zoom - top / now, zoom: now };
    this.#draw();
  }

  #point(x: number, y: number): void {
    const { canvas } = this.parts;
    const index = this.#boxAt(x, y);
    const { problems = [], changes = [] } = this.#shown.picture.boxes[index] ?? {};
    canvas.title = [...problems, ...changes].join('\n');
    canvas.classList.toggle('on', index >= 0);
  }

  /** The uppermost one. */
  #boxAt(left: number, top: number): number {
    const { x, y, zoom } = this.#view;
    const [px, py] = [x + left / zoom, y + top / zoom];
    return this.#shown.picture.boxes.findLastIndex(
      ({ at: [bx, by, width, height] }) => px >= bx && py >= by && px <= bx + width && py <= by + height,
    );
  }

  #resize(): void {
    const { canvas } = this.parts;
    canvas.width = canvas.clientWidth * devicePixelRatio;
    canvas.height = canvas.clientHeight * devicePixelRatio;
    if (this.#view.zoom === 0) this.#act('all');
    this.#choose(this.#chosen);
    this.#draw();
  }

  #draw(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      const pen = this.parts.canvas.getContext('2d');
      if (!pen || this.#view.zoom === 0) return;
      this.#vscode.setState({ ...this.#view, filter: this.parts.input.value });
      const { picture } = this.#shown;
      new Renderer(pen, { ...this.#view, picture, chosen: this.#chosen, found: this.#found }).draw();
    });
  }
}

const [[input], [list], [canvas]] = [
  document.getElementsByTagName('input'),
  document.getElementsByTagName('select'),
  document.getElementsByTagName('canvas'),
];
const [about, count] = [document.getElementById('about'), document.getElementById('count')];
if (input && list && canvas && about && count) new PicturePage({ input, list, canvas, about, count });
