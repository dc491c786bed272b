import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { Script } from 'node:vm';
import { atMost, type Clock } from '../clock';
import type { Disposable } from '../emitter';

/** A disk that does not answer must not keep anybody waiting, ms. */
const PATIENCE = 500;
/** What has run by then is what a window needs when it opens, ms. */
const SETTLED = 90_000;
const SUM_BYTES = 32;
const NAME = /^code-[\da-f]{32}\.bin$/;

interface CodeCacheOptions {
  /** What the bundle stands for: it finds files beside it, and errors name it. */
  readonly file: string;
  /** Which of the texts it is. */
  readonly name: string;
  /** Its text by its name, and those of the bundles that it may ask for: `require('./name.js')`. */
  readonly read: () => Promise<ReadonlyMap<string, string>>;
  /** Where the cache lies. */
  readonly folder: string;
  readonly clock: Clock;
  /** Of the editor: its V8 and how that is set up are its own. */
  readonly version: string;
}

/**
 * Runs one of our own bundles from compiled code that an earlier window left, so that V8 need not compile it again. What
 * is kept counts only for this very text, editor and V8, and only if it is whole: V8 itself would believe a damaged one.
 * Whatever goes wrong, the text is compiled as ever.
 */
export class CodeCache implements Disposable {
  #timer: Disposable | undefined;

  constructor(private readonly options: CodeCacheOptions) {}

  /** What the bundle exports. @throws what its code throws, or if it cannot be read. */
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

  /** Undefined if there is none, or a damaged one. */
  async #read(cache: string): Promise<Buffer | undefined> {
    const reading = fs.readFile(cache).catch(() => undefined); // mostly there is none yet
    if (!(await atMost(this.options.clock, PATIENCE, reading))) return undefined;
    const kept = await reading;
    const data = kept?.subarray(SUM_BYTES);
    return kept && data && sumOf(data).equals(kept.subarray(0, SUM_BYTES)) ? data : undefined;
  }

  #keepLater(script: Script, cache: string): void {
    this.#timer = this.options.clock.after(SETTLED, () => {
      this.#keep(script.createCachedData(), cache).catch(() => undefined); // the next window compiles, too
    });
  }

  /** Whole or not at all, and in the place of those of earlier versions. */
  async #keep(data: Buffer, cache: string): Promise<void> {
    const { folder } = this.options;
    const unfinished = `${cache}.${process.pid}`;
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(unfinished, Buffer.concat([sumOf(data), data]));
    await fs.rename(unfinished, cache);
    const others = (await fs.readdir(folder)).filter((name) => NAME.test(name) && name !== path.basename(cache));
    await Promise.all(others.map((name) => fs.rm(path.join(folder, name), { force: true })));
  }
}

function scriptOf(text: string, filename: string, cachedData?: Buffer): Script {
  // eslint-disable-next-line texts/marked -- code
  const source = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
  return new Script(source, { filename, ...(cachedData && { cachedData }) });
}

/** What Node's own loader does with a file's text. */
function exportsOf(script: Script, file: string, require: (id: string) => unknown): unknown {
  const module = { exports: {} };
  const body: unknown = script.runInThisContext();
  if (typeof body !== 'function') throw new Error(file);
  Reflect.apply(body, undefined, [module.exports, require, module, file, path.dirname(file)]);
  return module.exports;
}

/** Finds the bundles of the same read by their names, each compiled when first asked for, and all else as ever. */
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
