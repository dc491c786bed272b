import * as vscode from 'vscode';
import type { Logger } from '../logger';
import { plainText } from '../plainText';
import { Secrets } from '../secrets';

/** Characters of a line; a server's message may be longer. */
const LONGEST = 500;
const MOST_LINES = 40;
/** Characters of an entry, cut before anything else is done with it. */
const MOST = MOST_LINES * LONGEST;

export function logChannel(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('ComfyDeploy', { log: true });
}

/**
 * Every line passes here on its way to the output channel, so that it contains no key or session address, and foreign
 * text cannot look like an entry of its own: further lines of an entry are indented below the first.
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
    trace: (message) => channel.trace(written(message)),
    info: (message) => channel.info(written(message)),
    warn: (message) => channel.warn(written(message)),
  };
}
