import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { Script } from 'node:vm';
import { atMost, type Clock } from '../clock';
import type { Disposable } from '../emitter';
import { keepFile } from './keptFile';

/** The longest wait for the disk, ms. */
const PATIENCE = 500;
/** Code that has run by then is what a window needs when it opens, ms. */
const SETTLED = 90_000;
const SUM_BYTES = 32;
const NAME = /^code-[\da-f]{32}\.bin$/;

interface CodeCacheOptions {
  /** The file that the bundle stands for: it looks for files beside it, and errors name it. */
  readonly file: string;
  /** The name of the bundle. */
  readonly name: string;
  /** Reads the texts of this bundle and of those that it may require: `require('./name.js')`. */
  readonly read: () => Promise<ReadonlyMap<string, string>>;
  /** Where the cache is stored. */
  readonly folder: string;
  readonly clock: Clock;
  /** Of the editor: each one has its own V8 and flags. */
  readonly version: string;
}

/**
 * Runs one of our own bundles from compiled code that an earlier window stored, so that V8 need not compile it again.
 * The stored code is used only for the same text, editor and V8, and only if its checksum is right: V8 itself would
 * accept damaged code. If anything fails, the text is compiled as usual.
 */
export class CodeCache implements Disposable {
  #timer: Disposable | undefined;

  constructor(private readonly options: CodeCacheOptions) {}

  /** The exports of the bundle. @throws what its code throws, or if it cannot be read. */
  async run(): Promise<unknown> {
    const { file, name, folder, version } = this.options;
    const texts = await this.options.read();
    const text = texts.get(name);
    if (text === undefined) throw new Error(name);
    const { node, v8 } = process.versions;
    const key = [version, process.arch, node, v8, process.execArgv.join(' '), text].join('\n');
    const cache = path.join(folder, `code-${sumOf(key).toString('hex').slice(0, 32)}.bin`);
    const cachedData = await this.#read(cache);
    const script = scriptOf(text, file, cachedData);
    const exported = exportsOf(script, file, requireOf(texts, file));
    if (!cachedData || script.cachedDataRejected) this.#keepLater(script, cache);
    return exported;
  }

  dispose(): void {
    this.#timer?.dispose();
  }

  /** Undefined if there is none, or it is damaged. */
  async #read(cache: string): Promise<Buffer | undefined> {
    const reading = fs.readFile(cache).catch(() => undefined); // usually there is none yet
    if (!(await atMost(this.options.clock, PATIENCE, reading))) return undefined;
    const kept = await reading;
    const data = kept?.subarray(SUM_BYTES);
    return kept && data && sumOf(data).equals(kept.subarray(0, SUM_BYTES)) ? data : undefined;
  }

  #keepLater(script: Script, cache: string): void {
    this.#timer = this.options.clock.after(SETTLED, () => {
      const data = script.createCachedData();
      // Otherwise the next window compiles again.
      keepFile(cache, Buffer.concat([sumOf(data), data]), NAME).catch(() => undefined);
    });
  }
}

function scriptOf(text: string, filename: string, cachedData?: Buffer): Script {
  // eslint-disable-next-line texts/marked -- code
  const source = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
  return new Script(source, { filename, ...(cachedData && { cachedData }) });
}

/** Does what Node's own loader does with a file. */
function exportsOf(script: Script, file: string, require: (id: string) => unknown): unknown {
  const module = { exports: {} };
  const body: unknown = script.runInThisContext();
  if (typeof body !== 'function') throw new Error(file);
  Reflect.apply(body, undefined, [module.exports, require, module, file, path.dirname(file)]);
  return module.exports;
}

/**
 * A `require` that finds the bundles by name, compiles each when first required, and leaves everything else to Node.
 */
function requireOf(texts: ReadonlyMap<string, string>, file: string): (id: string) => unknown {
  const found = createRequire(file);
  const loaded = new Map<string, unknown>();
  return function require(id: string): unknown {
    const name = path.basename(id, '.js');
    const text = id === `./${name}.js` ? texts.get(name) : undefined;
    if (text === undefined) return found(id);
    const beside = path.join(path.dirname(file), id);
    if (!loaded.has(id)) loaded.set(id, exportsOf(scriptOf(text, beside), beside, require));
    return loaded.get(id);
  };
}

function sumOf(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
