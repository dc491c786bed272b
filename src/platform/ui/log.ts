import * as vscode from 'vscode';
import type { Logger } from '../logger';
import { plainText } from '../plainText';
import { Secrets } from '../secrets';

/** Characters of a line; a server's sentence may be as long as it likes. */
const LONGEST = 500;
const MOST_LINES = 40;
/** Of one entry, before anything else is done with it. */
const MOST = MOST_LINES * LONGEST;

export function logChannel(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('ComfyDeploy', { log: true });
}

/**
 * Every line passes here on its way to the output channel, so no key or session address gets there, and nobody's words
 * look like an entry of their own: what follows the first line of one stands indented below it.
 */
export function redactingLog(channel: vscode.LogOutputChannel): Logger & { readonly secrets: Secrets } {
  const secrets = new Secrets();
  const hide = (text: string) => secrets.hide(text);
  const written = (message: string): string => {
    const lines = hide(message.slice(0, MOST)).split(/[\r\n\v\f\x85\u2028\u2029]+/, MOST_LINES);
    return lines.map((line, index) => `${index === 0 ? '' : '    '}${plainText(line, LONGEST, hide)}`).join('\n');
  };
  return {
    secrets,
    debug: (message) => channel.debug(written(message)),
    info: (message) => channel.info(written(message)),
    warn: (message) => channel.warn(written(message)),
  };
}
