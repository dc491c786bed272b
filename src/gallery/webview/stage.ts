/// <reference lib="dom" />
import { differencesOf, wordsBeside } from '../differing';
import type { Facts, Item } from '../item';
import { mediaOf } from './tiles';

const [FARTHEST, NEAREST] = [1, 32];
const STEP = 1.25;
/** Of the pictures that are decoded to be judged, together. */
const MOST_PIXELS = 96_000_000;

/** What is chosen: one output with what made it, or some beside each other with what differs. */
export class Stage {
  /** Of all pictures together: how near, and where. */
  #view = { zoom: 1, x: 0, y: 0 };
  #shown: readonly string[] = [];
  #drag: PointerEvent | undefined;

  constructor(
    private readonly place: HTMLElement,
    private readonly table: HTMLElement,
  ) {
    place.addEventListener('wheel', (event) => {
      if (!this.isBeside) return;
      event.preventDefault();
      this.#zoom(event.deltaY < 0 ? STEP : 1 / STEP, event);
    });
    place.addEventListener('pointerdown', (event) => {
      if (!this.isBeside) return;
      this.#drag = event;
      place.setPointerCapture(event.pointerId);
    });
    place.addEventListener('pointerup', () => (this.#drag = undefined));
    place.addEventListener('pointermove', (event) => this.#move(event));
  }

  /** Whether there is one that can be copied. */
  get hasPicture(): boolean {
    return this.place.querySelector('img') !== null;
  }

  get isBeside(): boolean {
    return document.body.classList.contains('beside');
  }

  show(items: readonly Item[], factsOf: (id: string) => Facts | undefined): void {
    const most = MOST_PIXELS / Math.max(items.length, 1);
    const boxes = items.map((item) => boxFor(item, factsOf(item.id), most));
    const keys = boxes.map(({ key }) => key);
    if (keys.join('\n') !== this.#shown.join('\n')) {
      if (keys.length !== this.#shown.length) this.#view = { zoom: 1, x: 0, y: 0 };
      this.place.replaceChildren(...boxes.map(({ make }) => make(this.place.dataset['broken'] ?? '')));
    }
    this.#shown = keys;
    this.#draw();
    const all = items.map(({ id }) => factsOf(id));
    if (items.length > 1) this.table.replaceChildren(headOf(items), ...differencesOf(all).map(rowOf));
    else this.table.replaceChildren(...linesOf(items[0], all[0]));
  }

  press(key: string): boolean {
    const { place } = this;
    const move = new Map([
      ['ArrowLeft', [1, 0]],
      ['ArrowRight', [-1, 0]],
      ['ArrowUp', [0, 1]],
      ['ArrowDown', [0, -1]],
    ]).get(key);
    const box = place.getBoundingClientRect();
    const middle = { clientX: box.left + box.width / 4, clientY: box.top + box.height / 2 };
    if (key === '+' || key === '-') this.#zoom(key === '+' ? STEP : 1 / STEP, middle);
    else if (document.body.classList.contains('wiped') && move?.[0]) this.#wipe(this.#at - move[0] / 20);
    else if (move) this.#shift((move[0] ?? 0) * 40, (move[1] ?? 0) * 40);
    else return false;
    return true;
  }

  #at = 0.5;

  #wipe(at: number): void {
    this.#at = Math.min(Math.max(at, 0), 1);
    this.place.style.setProperty('--at', `${this.#at * 100}%`);
  }

  #move(event: PointerEvent): void {
    if (document.body.classList.contains('wiped') && this.#drag) {
      const { left, width } = this.place.getBoundingClientRect();
      return this.#wipe((event.clientX - left) / width);
    }
    if (this.#drag) this.#shift(event.clientX - this.#drag.clientX, event.clientY - this.#drag.clientY);
    if (this.#drag) this.#drag = event;
  }

  #shift(x: number, y: number): void {
    this.#turn(this.#view.zoom, this.#view.x + x, this.#view.y + y);
  }

  /** What is under the pointer stays there. */
  #zoom(by: number, { clientX, clientY }: Pick<MouseEvent, 'clientX' | 'clientY'>): void {
    const boxes = [...this.place.children].map((box) => box.getBoundingClientRect());
    const box = boxes.find(({ left, right }) => left <= clientX && clientX < right) ?? boxes[0];
    if (!box) return;
    const { zoom, x, y } = this.#view;
    const next = Math.min(Math.max(zoom * by, FARTHEST), NEAREST);
    const stay = (from: number, to: number) => from - ((from - to) / zoom) * next;
    this.#turn(next, stay(clientX - box.left, x), stay(clientY - box.top, y));
  }

  /** The pictures stay in their boxes. */
  #turn(zoom: number, x: number, y: number): void {
    const { width = 0, height = 0 } = this.place.firstElementChild?.getBoundingClientRect() ?? {};
    const within = (at: number, size: number) => Math.min(Math.max(at, size * (1 - zoom)), 0);
    this.#view = { zoom, x: within(x, width), y: within(y, height) };
    this.#draw();
  }

  #draw(): void {
    const { zoom, x, y } = this.#view;
    this.#wipe(this.#at);
    for (const image of this.place.querySelectorAll('img'))
      image.style.transform = zoom === 1 ? '' : `matrix(${zoom},0,0,${zoom},${x},${y})`;
  }
}

/** A box with a picture, film or sound, or with why there is none. @param most pixels */
function boxFor(item: Item, facts: Facts | undefined, most: number) {
  const { id, kind, src, isSaved } = item;
  const { width, height } = facts?.size ?? { width: 0, height: 0 };
  const isHuge = kind === 'image' && width * height > most;
  const isKnown = kind !== 'image' || !isSaved || facts?.size !== undefined;
  const isNone = kind === '3D' || (kind === 'image' && isSaved && facts?.inputs !== undefined && !facts.size);
  const media = isKnown && !isHuge && !isNone ? src : '';
  return {
    key: `${id} ${media} ${isHuge} ${isNone}`,
    make: (broken: string): HTMLElement => {
      const box = document.createElement('div');
      if (isHuge) box.textContent = `${width} × ${height}`;
      else if (isNone) box.textContent = broken;
      else if (media !== '') box.append(shown(item, () => (box.textContent = broken)));
      return box;
    },
  };
}

function shown(item: Item, failed: () => void): HTMLElement {
  const media = mediaOf(item);
  if (media instanceof HTMLImageElement) {
    media.alt = item.name;
    media.draggable = false;
  } else media.controls = true;
  media.addEventListener('error', failed);
  return media;
}

function lineOf(name: string, cells: readonly (readonly Node[])[]): HTMLElement {
  const row = document.createElement('tr');
  row.append(headCell('row', name));
  for (const cell of cells) row.insertCell().append(...cell);
  return row;
}

function headCell(scope: string, name: string): HTMLElement {
  const head = document.createElement('th');
  head.scope = scope;
  head.textContent = name;
  return head;
}

const text = (words: string): readonly Node[] => [document.createTextNode(words)];

function headOf(items: readonly Item[]): HTMLElement {
  const row = document.createElement('tr');
  row.insertCell();
  row.append(...items.map(({ name }) => headCell('col', name)));
  return row;
}

/** The words of each that the first one does not have are marked, and those of the first that the next one lacks. */
function rowOf({ name, values }: ReturnType<typeof differencesOf>[number]): HTMLElement {
  const cells = values.map((value, index) =>
    wordsBeside(value ?? '–', values[index === 0 ? 1 : 0]).map(({ text: words, isNew }) => {
      const part = document.createElement(isNew ? 'mark' : 'span');
      part.textContent = `${words} `;
      return part;
    }),
  );
  return lineOf(name, cells);
}

function linesOf(item: Item | undefined, facts: Facts | undefined): readonly HTMLElement[] {
  if (!item) return [];
  const size = facts?.size ? [`${facts.size.width} × ${facts.size.height}`] : [];
  return [
    lineOf(item.name, [text([item.from, item.day, ...size].join(' · '))]),
    ...(facts?.inputs ?? []).map(([name, value]) => lineOf(name, [text(value)])),
  ];
}
