/// <reference lib="dom" />
import { actsFor, gridFor, MOST_BESIDE, moved, touched, wanted, type Grid } from '../arranging';
import type { Facts, FromPage, Item, ToPage } from '../item';
import { followBand } from './band';
import { changesOnly, copyImage, giveFiles, keepFocus, keepValue, offer, placeOf } from './parts';
import { Stage } from './stage';
import { Tiles } from './tiles';

/** What VS Code keeps of a hidden page. */
interface Kept {
  readonly values: readonly string[];
  readonly isStarred: boolean;
  readonly chosen: readonly string[];
  readonly look: string;
}
declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  setState(state: Kept): void;
  getState(): Kept | undefined;
};

/** The elements of the document. */
interface Parts {
  readonly input: HTMLInputElement;
  readonly starred: HTMLInputElement;
  readonly choices: readonly HTMLSelectElement[];
  readonly count: HTMLElement;
  readonly box: HTMLElement;
  readonly all: HTMLElement;
  readonly section: HTMLElement;
  readonly about: HTMLElement;
}

/** Files that are asked for together. */
const AT_ONCE = 24;
/** As many stay chosen while the page is hidden. */
const MOST_KEPT = 100;
/** Classes of the body while pictures are compared: beside each other, or one over the other. */
const LOOKS = ['beside', 'wiped'];

class GalleryPage {
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
  #isFilled = false;
  #isDue = false;
  #isAsking = false;

  constructor(
    private readonly parts: Parts,
    private readonly tiles: Tiles,
    private readonly stage: Stage,
  ) {
    const { input, starred, choices, box, section } = parts;
    const { values = [], isStarred = false, chosen = [], look = '' } = this.#vscode.getState() ?? {};
    [input, ...choices].forEach((one, index) => keepValue(one, values[index] ?? ''));
    starred.checked = isStarred;
    this.#chosen = new Set(chosen);
    document.body.className = `${document.body.className} ${look}`;
    window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => this.#hear(data));
    for (const one of [input, starred, ...choices]) one.addEventListener('input', () => this.#arrange());
    box.addEventListener('scroll', () => this.#draw());
    new ResizeObserver(() => {
      if (this.#chosen.size > 0) this.#reveal(); // what is chosen takes room
      this.#draw();
    }).observe(box);
    box.addEventListener('keydown', (event) => this.#press(event));
    section.addEventListener('keydown', (event) => this.#pressBeside(event));
    box.addEventListener('dblclick', () => this.#ask('open'));
    box.addEventListener('click', (event) => this.#click(event));
    box.addEventListener('dragstart', (event) => this.#drag(event));
    followBand(
      parts,
      (area, before) => {
        const inside = area ? touched(this.#grid, area).flatMap((place) => this.#list[place]?.id ?? []) : [];
        this.#choose(new Set([...before, ...inside]));
      },
      (isMore) => (isMore ? this.#chosen : new Set()),
    );
    section.addEventListener('click', ({ target }) => target instanceof HTMLButtonElement && this.#act(target.id));
    this.#ask('loaded');
  }

  #ask(act: string, items: readonly Item[] = this.#picked()): void {
    this.#vscode.postMessage({ act, ids: items.map(({ id }) => id) });
  }

  #hear(data: ToPage): void {
    if ('facts' in data) {
      this.#isAsking = false;
      for (const [id, facts] of data.facts) this.#facts.set(id, facts);
      if (this.parts.input.value !== '') return this.#arrange();
      return this.#draw();
    }
    this.#isFilled = true;
    this.#saved = data.saved ?? this.#saved;
    this.#items = [...data.live, ...this.#saved].sort((a, b) => b.at - a.at);
    this.parts.about.textContent = data.about;
    const [, from, day] = this.parts.choices;
    for (const [choice, values] of [
      [from, this.#items.map((item) => item.from)],
      [day, this.#items.map((item) => item.day)],
    ] as const)
      if (choice) offer(choice, new Set(values));
    if (from && data.from !== '') from.value = data.from;
    this.#arrange();
  }

  /** Those that are chosen, in the order of the list. */
  #picked(): readonly Item[] {
    return this.#list.filter(({ id }) => this.#chosen.has(id));
  }

  #arrange(): void {
    const { input, starred, choices } = this.parts;
    const [kind = '', from = '', day = ''] = choices.map(({ value }) => value);
    const here = this.#list[this.#at]?.id;
    const wish = { words: input.value, kind, from, day, isStarred: starred.checked };
    this.#list = wanted(this.#items, wish, (id) => this.#facts.get(id));
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
    const { box, count, section, input } = this.parts;
    const items = this.#list;
    this.#grid = gridFor(box.clientWidth, items.length);
    const factsOf = (id: string) => this.#facts.get(id);
    const inView = this.tiles.draw({ items, grid: this.#grid, chosen: this.#chosen, at: this.#at, factsOf });
    const picked = this.#picked();
    count.textContent = `${picked.length > 0 ? `${picked.length} / ` : ''}${items.length}`;
    if (picked.length < 2) document.body.classList.remove(...LOOKS);
    section.hidden = picked.length === 0;
    this.#keep(picked);
    this.#offerActs(picked);
    this.stage.show(
      picked.slice(0, MOST_BESIDE).filter((_, index) => index === 0 || this.stage.isBeside),
      factsOf,
    );
    const asked = [...picked.slice(0, MOST_BESIDE), ...inView.filter(({ isSaved }) => isSaved)];
    this.#look([...asked, ...(input.value === '' ? [] : this.#items.filter(({ isSaved }) => isSaved))]);
  }

  #keep(picked: readonly Item[]): void {
    const { input, choices, starred } = this.parts;
    const look = LOOKS.filter((one) => document.body.classList.contains(one)).join(' ');
    const values = [input, ...choices].map(({ value }) => value);
    const chosen = picked.slice(0, MOST_KEPT).map(({ id }) => id);
    this.#setState({ values, isStarred: starred.checked, chosen, look });
  }

  /** Asks what is in some files, and for more once that is known. */
  #look(items: readonly Item[]): void {
    const unknown = this.#isAsking ? [] : items.filter(({ id }) => !this.#facts.has(id)).slice(0, AT_ONCE);
    if (unknown.length === 0) return;
    this.#isAsking = true;
    this.#ask('look', unknown);
  }

  #offerActs(picked: readonly Item[]): void {
    const can = actsFor(picked, this.stage.isBeside);
    for (const button of this.parts.section.querySelectorAll('button')) {
      button.hidden = !(can[button.id] ?? picked.length === 1);
      if (button.id === 'wipe') button.ariaPressed = String(document.body.classList.contains('wiped'));
    }
    keepFocus(this.parts.section);
  }

  #act(act: string): void {
    const { classList } = document.body;
    if (act === 'compare') classList.add('beside');
    else if (act === 'back') classList.remove(...LOOKS);
    else if (act === 'wipe') classList.toggle('wiped');
    else if (act === 'copy') return void copyImage(this.parts.section).catch(() => this.#ask('uncopied'));
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
  }

  #go(to: number, isRange: boolean, isOnlyMoved: boolean): void {
    this.#at = to;
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

function start(): void {
  const [input, starred] = document.querySelectorAll('input');
  const choices = [...document.querySelectorAll('select')];
  const [count, box, all, about, stage] = ['count', 'grid', 'all', 'about', 'stage'].map((id) =>
    document.getElementById(id),
  );
  const section = document.querySelector('section');
  const table = document.querySelector('tbody');
  if (!input || !starred || !count || !box || !all || !about || !stage || !section || !table) return;
  new GalleryPage(
    { input, starred, choices, count, box, all, section, about },
    new Tiles(box, all),
    new Stage(stage, table),
  );
}

start();
