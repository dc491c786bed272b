/** Where a session's page can be shown besides our own tab. */
export type Elsewhere = 'integratedBrowser' | 'externalBrowser';
export type Rung = 'editorTab' | Elsewhere;
/** The setting. */
export type OpenIn = Rung | 'auto';

/** What is tried in turn, until one works. */
const LADDERS: Readonly<Record<OpenIn, readonly Rung[]>> = {
  auto: ['editorTab', 'integratedBrowser', 'externalBrowser'],
  editorTab: ['editorTab', 'integratedBrowser', 'externalBrowser'],
  integratedBrowser: ['integratedBrowser', 'editorTab', 'externalBrowser'],
  externalBrowser: ['externalBrowser', 'integratedBrowser', 'editorTab'],
};

const AFTER_A_REFUSAL: readonly Rung[] = ['integratedBrowser', 'externalBrowser', 'editorTab'];

/** What somebody typed into the settings; anything unknown is `auto`. */
export function openInOf(value: unknown): OpenIn {
  return typeof value === 'string' && isOpenIn(value) ? value : 'auto';
}

/**
 * @param available the rungs this VS Code has.
 * @param wasRefused pages of that host did not let themselves be framed before: only `auto` minds.
 */
export function rungsFor(setting: OpenIn, available: ReadonlySet<Rung>, wasRefused: boolean): readonly Rung[] {
  const ladder = setting === 'auto' && wasRefused ? AFTER_A_REFUSAL : LADDERS[setting];
  return ladder.filter((rung) => available.has(rung));
}

/** Where a page goes that is not to be shown in a tab, after what the user prefers. */
export function elsewhereFor(setting: OpenIn, available: ReadonlySet<Rung>): readonly Elsewhere[] {
  const ladder = setting === 'externalBrowser' ? LADDERS.externalBrowser : AFTER_A_REFUSAL;
  return ladder.filter((rung) => rung !== 'editorTab').filter((rung) => available.has(rung));
}

/** A session's address is a key to it: another program gets it only where the user chose that, or was told so. */
export function isChosen(rung: Rung, setting: OpenIn): boolean {
  return rung === 'editorTab' || rung === setting;
}

function isOpenIn(value: string): value is OpenIn {
  return Object.hasOwn(LADDERS, value);
}
