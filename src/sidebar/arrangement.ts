import * as l10n from '@vscode/l10n';
import type { Memory } from '../platform/memory';

const OPTIONS = {
  show: ['all', 'running', 'mine'],
  sort: ['name', 'timeLeft', 'price'],
  group: ['machine', 'none'],
} as const;

/** Which rows the user wants to see, in which order, and under what. */
export type Arrangement = { readonly [K in keyof typeof OPTIONS]: (typeof OPTIONS)[K][number] };

export const AS_USUAL: Arrangement = { show: 'all', sort: 'name', group: 'machine' };
const SLOT = 'arrangement';

/** One thing that can be chosen, in words. */
export interface Option {
  readonly label: string;
  readonly isChosen: boolean;
  readonly change: Partial<Arrangement>;
}

/** The arrangement of the rows, stored for later windows. */
export class Arranged {
  #current: Arrangement;

  constructor(
    private readonly memory: Memory,
    private readonly changed: () => void,
  ) {
    this.#current = arrangementFrom(memory.get(SLOT));
  }

  get current(): Arrangement {
    return this.#current;
  }

  change(change: Partial<Arrangement>): void {
    this.#current = { ...this.#current, ...change };
    void this.memory.update(SLOT, this.#current);
    this.changed();
  }

  /** All that can be chosen, in the order of the question. */
  options(): readonly Option[] {
    const { show, sort, group } = this.#current;
    return [
      ...OPTIONS.show.map((one) => option(showText(one), show === one, { show: one })),
      ...OPTIONS.sort.map((one) => option(sortText(one), sort === one, { sort: one })),
      ...OPTIONS.group.map((one) => option(groupText(one), group === one, { group: one })),
    ];
  }
}

function option(label: string, isChosen: boolean, change: Option['change']): Option {
  return { label, isChosen, change };
}

/** What an earlier window stored; anything unknown is as usual. */
function arrangementFrom(stored: unknown): Arrangement {
  const known: { readonly [K in keyof Arrangement]?: unknown } =
    typeof stored === 'object' && stored !== null ? stored : {};
  return {
    show: OPTIONS.show.find((one) => one === known.show) ?? AS_USUAL.show,
    sort: OPTIONS.sort.find((one) => one === known.sort) ?? AS_USUAL.sort,
    group: OPTIONS.group.find((one) => one === known.group) ?? AS_USUAL.group,
  };
}

function showText(show: Arrangement['show']): string {
  switch (show) {
    case 'all':
      return l10n.t('Show all machines and sessions');
    case 'running':
      return l10n.t('Show only sessions');
    case 'mine':
      return l10n.t('Show only my sessions');
  }
}

function sortText(sort: Arrangement['sort']): string {
  switch (sort) {
    case 'name':
      return l10n.t('Sort by name');
    case 'timeLeft':
      return l10n.t('Sort by time left');
    case 'price':
      return l10n.t('Sort by price');
  }
}

function groupText(group: Arrangement['group']): string {
  return group === 'machine' ? l10n.t('Group by machine') : l10n.t('Do not group');
}

/** What stands beside the view's title while some rows are not shown. */
export function filterText({ show }: Arrangement): string {
  switch (show) {
    case 'all':
      return '';
    case 'running':
      return l10n.t('sessions only');
    case 'mine':
      return l10n.t('my sessions only');
  }
}
