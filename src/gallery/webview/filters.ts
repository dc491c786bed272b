/// <reference lib="dom" />
import type { Wish } from '../arranging';
import type { Item } from '../item';
import { keepValue, offer } from './parts';

export interface FilterParts {
  readonly input: HTMLInputElement;
  readonly starred: HTMLInputElement;
  readonly choices: readonly HTMLSelectElement[];
  /** Shows those of every workflow again. */
  readonly every: HTMLElement;
}

export interface KeptFilters {
  readonly values: readonly string[];
  readonly isStarred: boolean;
  readonly work: string;
}

/** What the user wants to see. */
export class Filters {
  #work = '';

  constructor(
    private readonly parts: FilterParts,
    private readonly changed: () => void,
  ) {
    const { input, starred, choices, every } = parts;
    for (const one of [input, starred, ...choices]) one.addEventListener('input', changed);
    every.addEventListener('click', () => {
      input.focus();
      this.keepTo('');
    });
  }

  get wish(): Wish {
    const { input, starred, choices } = this.parts;
    const [kind = '', from = '', day = ''] = choices.map(({ value }) => value);
    return { words: input.value, kind, from, day, isStarred: starred.checked, work: this.#work };
  }

  /** Whether files have to be read to know which are wanted. */
  get isDeep(): boolean {
    return this.parts.input.value !== '' || this.#work !== '';
  }

  get kept(): KeptFilters {
    const { input, starred, choices } = this.parts;
    return { values: [input, ...choices].map(({ value }) => value), isStarred: starred.checked, work: this.#work };
  }

  restore({ values = [], isStarred = false, work = '' }: Partial<KeptFilters>): void {
    const { input, starred, choices } = this.parts;
    [input, ...choices].forEach((one, index) => keepValue(one, values[index] ?? ''));
    starred.checked = isStarred;
    this.#set(work);
  }

  /** To the outputs of one workflow, or of all. */
  keepTo(work: string): void {
    this.#set(work);
    this.changed();
  }

  /** What there is to choose from. @param asked the session that is asked for, or nothing */
  offer(items: readonly Item[], asked: string): void {
    const [, from, day] = this.parts.choices;
    if (from) offer(from, new Set(items.map((item) => item.from)));
    if (day) offer(day, new Set(items.map((item) => item.day)));
    if (from && asked !== '') from.value = asked;
  }

  #set(work: string): void {
    this.#work = work;
    this.parts.every.hidden = work === '';
  }
}
