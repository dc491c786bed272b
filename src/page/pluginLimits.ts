// Separate from `plugin.ts`, for the script in the tab, which has no parser.

/** The longest message of a framed page that is read, in UTF-16 units. Graphs have up to a few million. */
export const LONGEST_MESSAGE = 16 * 1024 * 1024;
/** The longest unrequested one: only the page's report that it is ready. */
export const LONGEST_UNASKED = 1_000;

/** The plugin's message when it starts to listen, again after each reload. Earlier messages to it are lost. */
export const SETUP = 'cd_plugin_setup';

/** The beginning of the message that reports a changed graph; the whole graph follows. */
export const CHANGED = '{"type":"cd_plugin_onAfterChange"';

/** What the tab's script sends to the framed page, and the type of the one message that it may pass back. */
export interface PageQuestion {
  readonly ask: string;
  readonly answer: string;
}
