// Apart from the grammar, for the script in the tab: it has no parser.

/** The longest message of a framed page that is read, in UTF-16 units. Graphs have up to a few million. */
export const LONGEST_MESSAGE = 16 * 1024 * 1024;
/** The longest one that is read unasked: nothing but the page's word that it is ready. */
export const LONGEST_UNASKED = 1_000;

/** What the plugin says when it begins to listen, again after each reload. What was sent before is lost. */
export const SETUP = 'cd_plugin_setup';

/** How a message begins that says that the graph has changed; the graph follows, whole. */
export const CHANGED = '{"type":"cd_plugin_onAfterChange"';

/** What our tab's script is told to say to the framed page, and the type of the one message that may come back. */
export interface PageQuestion {
  readonly ask: string;
  readonly answer: string;
}
