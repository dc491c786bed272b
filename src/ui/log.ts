import type * as vscode from 'vscode';
import { redact, type Logger } from '../core/logger';

/** Every line passes here on its way to the output channel, so no key or session address gets there. */
export function redactingLog(channel: vscode.LogOutputChannel): Logger {
  return {
    debug: (message) => channel.debug(redact(message)),
    info: (message) => channel.info(redact(message)),
    warn: (message) => channel.warn(redact(message)),
  };
}
