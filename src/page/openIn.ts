/** Where a session's page can be shown other than in our own tab. */
export type Elsewhere = 'integratedBrowser' | 'externalBrowser';
export type Rung = 'editorTab' | Elsewhere;
/** The setting. */
export type OpenIn = Rung | 'auto';

/** What to try in turn, until one works. */
const LADDERS: Readonly<Record<OpenIn, readonly Rung[]>> = {
  auto: ['editorTab', 'integratedBrowser', 'externalBrowser'],
  editorTab: ['editorTab', 'integratedBrowser', 'externalBrowser'],
  integratedBrowser: ['integratedBrowser', 'editorTab', 'externalBrowser'],
  externalBrowser: ['externalBrowser', 'integratedBrowser', 'editorTab'],
};

const AFTER_A_REFUSAL: readonly Rung[] = ['integratedBrowser', 'externalBrowser', 'editorTab'];

/** The value of the setting; anything unknown is `auto`. */
export function openInOf(value: unknown): OpenIn {
  return typeof value === 'string' && isOpenIn(value) ? value : 'auto';
}

/**
 * @param available the rungs that this VS Code has.
 * @param wasRefused pages of that host refused to be framed before; matters to `auto` only.
 */
export function rungsFor(setting: OpenIn, available: ReadonlySet<Rung>, wasRefused: boolean): readonly Rung[] {
  const ladder = setting === 'auto' && wasRefused ? AFTER_A_REFUSAL : LADDERS[setting];
  return ladder.filter((rung) => available.has(rung));
}

/** Where to open a page other than in a tab, by the user's preference. */
export function elsewhereFor(setting: OpenIn, available: ReadonlySet<Rung>): readonly Elsewhere[] {
  const ladder = setting === 'externalBrowser' ? LADDERS.externalBrowser : AFTER_A_REFUSAL;
  return ladder.filter((rung) => rung !== 'editorTab').filter((rung) => available.has(rung));
}

/** A session's address gives access to it, so another program gets it only if the user chose that or agreed to it. */
export function isChosen(rung: Rung, setting: OpenIn): boolean {
  return rung === 'editorTab' || rung === setting;
}

function isOpenIn(value: string): value is OpenIn {
  return Object.hasOwn(LADDERS, value);
}
