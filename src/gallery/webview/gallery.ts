/// <reference lib="dom" />
import { actsFor, gridFor, MOST_BESIDE, moved, touched, unread, wanted, type Grid } from '../arranging';
import type { Facts, FromPage, Item, ToPage } from '../item';
import { Band } from './band';
import { Filters, type FilterParts, type KeptFilters } from './filters';
import { changesOnly, copyImage, giveFiles, keepFocus, placeOf } from './parts';
import { liveItem, savedItems } from './received';
import type { Stage } from './stage';
import { Tiles } from './tiles';
import { Wholes } from './wholes';

/** What VS Code keeps of a hidden page. */
interface Kept extends KeptFilters {
  readonly chosen: readonly string[];
  readonly look: string;
}
declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  setState(state: Kept): void;
  getState(): Kept | undefined;
};

/** The elements of the document. */
export interface Parts extends FilterParts {
  readonly count: HTMLElement;
  readonly box: HTMLElement;
  readonly all: HTMLElement;
  readonly section: HTMLElement;
  readonly about: HTMLElement;
}

/** While somebody searches, the list is made anew after as many answers. */
const FEW = 8;
/** As many stay chosen while the page is hidden. */
const MOST_KEPT = 100;
/** Classes of the body while pictures are compared: beside each other, or one over the other. */
const LOOKS = ['beside', 'wiped'];

export class Gallery {
  readonly #tiles: Tiles;
  readonly #vscode = acquireVsCodeApi();
  readonly #setState = changesOnly((state: Kept) => this.#vscode.setState(state));
  readonly #facts = new Map<string, Facts>();
  #saved: readonly Item[] = [];
  /** All there are, the newest first. */
  #items: readonly Item[] = [];
  /** Those that are wanted. */
  #list: readonly Item[] = [];
  #grid: Grid = gridFor(0, 0);
  #chosen: ReadonlySet<string>;
  /** Places in the list: where keys start from, and where a range does. */
  #at = 0;
  #anchor = 0;
  readonly #wholes = new Wholes((item) => this.#ask('fetch', [item]));
  readonly #filters: Filters;
  #isFilled = false;
  #isDue = false;
  /** What keys or a click lead to stays in view. */
  #isRevealed = false;
  #isAsking = false;
  #answers = 0;
  /** Not all files are known that may have what is searched for. */
  #isSearching = false;

  constructor(
    private readonly parts: Parts,
    private readonly stage: Stage,
  ) {
    const { box, all, section } = parts;
    this.#tiles = new Tiles(box, all, () => this.#draw());
    this.#filters = new Filters(parts, () => this.#arrange());
    const { chosen = [], look = '', ...filters } = this.#vscode.getState() ?? {};
    this.#filters.restore(filters);
    this.#chosen = new Set(chosen);
    document.body.className = `${document.body.className} ${look}`;
    window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => this.#hear(data));
    new ResizeObserver(() => {
      if (this.#isRevealed) this.#reveal(); // what is chosen takes room
      this.#isRevealed = false;
      this.#draw();
    }).observe(box);
    box.addEventListener('keydown', (event) => this.#press(event));
    section.addEventListener('keydown', (event) => this.#pressBeside(event));
    box.addEventListener('dblclick', () => this.#ask('open'));
    box.addEventListener('click', (event) => this.#click(event));
    box.addEventListener('dragstart', (event) => this.#drag(event));
    new Band({
      box,
      all,
      stretch: (area, before) => {
        const inside = area ? touched(this.#grid, area).flatMap((place) => this.#list[place]?.id ?? []) : [];
        this.#choose(new Set([...before, ...inside]));
      },
      chosen: (isMore) => (isMore ? this.#chosen : new Set()),
    });
    window.addEventListener('focus', () => document.activeElement === document.body && box.focus());
    section.addEventListener('click', ({ target }) => target instanceof HTMLButtonElement && this.#act(target.id));
    this.#ask('loaded');
  }

  #ask(act: string, items: readonly Item[] = this.#picked()): void {
    this.#vscode.postMessage({ act, ids: items.map(({ id }) => id) });
  }

  #hear(data: ToPage): void {
    if ('bytes' in data) {
      this.#wholes.keep(data.id, data.bytes);
      return this.#draw();
    }
    if ('facts' in data) {
      this.#isAsking = false;
      for (const [id, facts] of data.facts) this.#facts.set(id, { ...this.#facts.get(id), ...facts });
      return this.#isSearching && this.#answers++ % FEW === 0 ? this.#arrange() : this.#draw();
    }
    this.#isFilled = true;
    if (data.saved) this.#saved = savedItems(data.saved);
    this.#items = [...data.live.map(liveItem), ...this.#saved].sort((a, b) => b.at - a.at);
    this.parts.about.textContent = data.about;
    this.#filters.offer(this.#items, data.from);
    this.#arrange();
  }

  /** Those that are chosen, in the order of the list. */
  #picked(): readonly Item[] {
    return this.#list.filter(({ id }) => this.#chosen.has(id));
  }

  #arrange(): void {
    const here = this.#list[this.#at]?.id;
    this.#list = wanted(this.#items, this.#filters.wish, (id) => this.#facts.get(id));
    this.#at = Math.max(
      this.#list.findIndex(({ id }) => id === here),
      0,
    );
    this.#choose(new Set(this.#picked().map(({ id }) => id)));
  }

  #choose(chosen: ReadonlySet<string>): void {
    this.#chosen = chosen;
    this.#draw();
  }

  #draw(): void {
    if (this.#isDue || !this.#isFilled) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#drawNow();
    });
  }

  #drawNow(): void {
    const { box, count, section } = this.parts;
    const { activeElement } = document;
    const items = this.#list;
    this.#grid = gridFor(box.clientWidth, items.length);
    const factsOf = (id: string) => this.#facts.get(id);
    const inView = this.#tiles.draw({ items, grid: this.#grid, chosen: this.#chosen, at: this.#at, factsOf });
    const picked = this.#picked();
    this.#look(inView, picked);
    count.textContent = `${picked.length > 0 ? `${picked.length} / ` : ''}${items.length}${this.#isSearching ? '…' : ''}`;
    if (picked.length < 2) document.body.classList.remove(...LOOKS);
    section.hidden = picked.length === 0;
    this.#keep(picked);
    const shown = picked.length === 1 || this.stage.isBeside ? picked.slice(0, MOST_BESIDE) : [];
    this.stage.show(this.#wholes.of(shown), factsOf);
    this.#offerActs(picked); // by what is shown
    keepFocus(activeElement, section, box);
  }

  #keep(picked: readonly Item[]): void {
    const look = LOOKS.filter((one) => document.body.classList.contains(one)).join(' ');
    const chosen = picked.slice(0, MOST_KEPT).map(({ id }) => id);
    this.#setState({ ...this.#filters.kept, chosen, look });
  }

  /** Asks what is in some files, and for more once that is known. */
  #look(inView: readonly Item[], picked: readonly Item[]): void {
    const searched = this.#filters.isDeep ? this.#items : [];
    const { next, isSearching } = unread({ inView, picked, searched }, (id) => this.#facts.get(id));
    if (next && !this.#isAsking) {
      this.#isAsking = true;
      this.#ask(next.act, next.items);
    }
    if (this.#isSearching && !isSearching) this.#arrange();
    this.#isSearching = isSearching;
  }

  #offerActs(picked: readonly Item[]): void {
    const [first] = picked;
    const isShown = first !== undefined && this.#wholes.isKnown(first) && this.stage.hasPicture;
    const can = actsFor({ picked, isBeside: this.stage.isBeside, isShown }, (id) => this.#facts.get(id));
    for (const button of this.parts.section.querySelectorAll('button')) {
      button.hidden = !can[button.id];
      if (button.id === 'wipe') button.ariaPressed = String(document.body.classList.contains('wiped'));
    }
  }

  #act(act: string): void {
    const { classList } = document.body;
    if (act === 'compare') classList.add('beside');
    else if (act === 'back') classList.remove(...LOOKS);
    else if (act === 'wipe') classList.toggle('wiped');
    else if (act === 'copy') return void copyImage(this.parts.section).catch(() => this.#ask('uncopied'));
    else if (act === 'sameWork') return this.#filters.keepTo(this.#facts.get(this.#picked()[0]?.id ?? '')?.work ?? '');
    else return this.#ask(act);
    this.#draw();
    (act === 'back' ? this.parts.box : this.parts.section).focus();
  }

  #pressBeside(event: KeyboardEvent): void {
    if (!this.stage.isBeside) return;
    if (event.key === 'Escape') this.#act('back');
    else if (!this.stage.press(event.key)) return;
    event.preventDefault();
  }

  #press(event: KeyboardEvent): void {
    const { key, shiftKey, ctrlKey, metaKey } = event;
    const item = this.#list[this.#at];
    const { box } = this.parts;
    const to = moved(key, this.#at, this.#grid, Math.max(1, Math.floor(box.clientHeight / this.#grid.side)));
    const isAll = (ctrlKey || metaKey) && key === 'a';
    if (to !== undefined) this.#go(to, shiftKey, ctrlKey);
    else if (isAll) this.#choose(new Set(this.#list.map(({ id }) => id)));
    else if (key === ' ' && item) this.#toggle(item);
    else if (key === 'Enter') this.#ask('open');
    else if (key === 'Delete') this.#ask('trash');
    else if (key === 'Escape') this.#choose(new Set());
    else return;
    event.preventDefault();
    event.stopPropagation(); // VS Code would act on it, too
  }

  #go(to: number, isRange: boolean, isOnlyMoved: boolean): void {
    this.#at = to;
    this.#isRevealed = true;
    this.#reveal();
    if (isOnlyMoved) return this.#draw();
    if (!isRange) this.#anchor = to;
    const [first, last] = [Math.min(this.#anchor, to), Math.max(this.#anchor, to)];
    this.#choose(new Set(this.#list.slice(first, last + 1).map(({ id }) => id)));
  }

  #reveal(): void {
    const { box } = this.parts;
    const { columns, side } = this.#grid;
    const top = Math.floor(this.#at / columns) * side;
    box.scrollTop = Math.min(Math.max(box.scrollTop, top + side - box.clientHeight), top);
  }

  #toggle({ id }: Item): void {
    const chosen = new Set(this.#chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.#anchor = this.#at;
    this.#choose(chosen);
  }

  #click(event: MouseEvent): void {
    const place = placeOf(event.target);
    const item = this.#list[place ?? -1];
    if (place === undefined || !item) return;
    if (event.ctrlKey || event.metaKey) {
      this.#at = place;
      this.#toggle(item);
    } else this.#go(place, event.shiftKey, false);
  }

  #drag(event: DragEvent): void {
    const item = this.#list[placeOf(event.target) ?? -1];
    if (!item) return;
    giveFiles(event, this.#chosen.has(item.id) ? this.#picked().filter(({ isSaved }) => isSaved) : [item]);
  }
}
