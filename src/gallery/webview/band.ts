/// <reference lib="dom" />
import type { Area } from '../arranging';

/** Pixels; a pointer that moves less has clicked. */
const STILL = 4;
/** Pixels a frame. */
const FASTEST = 40;

export interface BandContext {
  readonly box: HTMLElement;
  readonly all: HTMLElement;
  /** What it holds, and what was chosen before. */
  readonly stretch: (area: Area | undefined, before: ReadonlySet<string>) => void;
  /** What stays chosen when one begins. */
  readonly chosen: (isMore: boolean) => ReadonlySet<string>;
}

interface Began {
  readonly x: number;
  readonly y: number;
  readonly before: ReadonlySet<string>;
}

/** A rubber band from where there is no tile. */
export class Band {
  #began: Began | undefined;
  #last: PointerEvent | undefined;
  readonly #mark = document.createElement('div');

  constructor(private readonly context: BandContext) {
    const { box } = context;
    this.#mark.id = 'band';
    box.addEventListener('pointerdown', (event) => this.#begin(event));
    box.addEventListener('pointermove', (event) => {
      this.#last = event;
      this.#draw();
    });
    for (const end of ['pointerup', 'pointercancel'])
      box.addEventListener(end, () => {
        this.#began = undefined;
        this.#mark.remove();
      });
  }

  #begin(event: PointerEvent): void {
    const { box, all, stretch, chosen } = this.context;
    const { x, y } = this.#at(event);
    if (event.button !== 0 || (event.target !== box && event.target !== all) || x > box.clientWidth) return;
    this.#began = { x, y, before: chosen(event.ctrlKey || event.metaKey || event.shiftKey) };
    this.#last = undefined;
    box.setPointerCapture(event.pointerId);
    stretch(undefined, this.#began.before);
    this.#follow();
  }

  #at({ clientX, clientY }: PointerEvent): { readonly x: number; readonly y: number } {
    const { left, top } = this.context.all.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  #draw(): void {
    const began = this.#began;
    if (!began || !this.#last) return;
    const { x, y } = this.#at(this.#last);
    const [left, right] = [Math.min(x, began.x), Math.max(x, began.x)];
    const [top, bottom] = [Math.min(y, began.y), Math.max(y, began.y)];
    const [width, height] = [right - left, bottom - top];
    if (width + height < STILL) return;
    const { box, stretch } = this.context;
    box.append(this.#mark);
    Object.assign(this.#mark.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    stretch({ left, top, right, bottom }, began.before);
  }

  /** Beyond an edge, it scrolls. */
  #follow(): void {
    if (!this.#began) return;
    const { box } = this.context;
    const { top, bottom } = box.getBoundingClientRect();
    const y = this.#last?.clientY ?? top;
    const beyond = Math.min(y - top, 0) + Math.max(y - bottom, 0);
    box.scrollBy(0, Math.min(Math.max(beyond / 2, -FASTEST), FASTEST));
    if (beyond !== 0) this.#draw();
    requestAnimationFrame(() => this.#follow());
  }
}
