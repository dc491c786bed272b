/**
 * Small JavaScript replacements for native modules that would need a compiler or a download. VS Code imports these
 * CommonJS files as ES modules, so every export has to be written as `exports.name = ...`.
 */

/** In place of `@vscode/spdlog`: writes the same log files. */
export const SPDLOG = `'use strict';
const fs = require('node:fs');
const path = require('node:path');
const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];

class Logger {
  constructor(kind, name, file) {
    this.file = file;
    this.level = LEVELS.indexOf('info');
    this.raw = false;
    this.lines = [];
  }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() { this.raw = true; }
  write(level, message) {
    if (level < this.level) return;
    this.lines.push(this.raw ? message : new Date().toISOString() + ' [' + LEVELS[level] + '] ' + message + '\\n');
    this.pending ??= setImmediate(() => this.flush());
  }
  flush() {
    clearImmediate(this.pending);
    this.pending = undefined;
    const text = this.lines.splice(0).join('');
    try { if (text) fs.appendFileSync(this.file, text); } catch { /* the log folder is gone: so is the reader */ }
  }
  drop() { this.flush(); }
}
LEVELS.forEach((level, index) => {
  Logger.prototype[level === 'warning' ? 'warn' : level] = function (message) { this.write(index, message); };
});

const createLogger = async (name, file) => {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  return new Logger('rotating', name, file);
};
exports.version = 10000;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
`;

/** In place of the native watchdog: ends the extension host once the server that started it is gone. */
export const WATCHDOG = `'use strict';
exports.start = (pid) => {
  const check = () => {
    try { process.kill(pid, 0); } catch { process.exit(87); }
  };
  setInterval(check, 3000).unref();
};
`;

/** In place of argon2, which only \`--auth password\` would call. */
export const ARGON2 = `'use strict';
const unavailable = async () => { throw new Error('argon2 is not installed'); };
exports.hash = unavailable;
exports.verify = unavailable;
`;
