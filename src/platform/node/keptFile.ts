import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/** Writes a whole file or nothing, and removes those of earlier versions: the others with such names. */
export async function keepFile(file: string, data: Uint8Array, names: RegExp): Promise<void> {
  const folder = path.dirname(file);
  const unfinished = `${file}.${process.pid}`;
  await fs.mkdir(folder).catch(() => undefined); // VS Code makes its parent
  await fs.writeFile(unfinished, data);
  await fs.rename(unfinished, file);
  const others = (await fs.readdir(folder)).filter((name) => names.test(name) && name !== path.basename(file));
  await Promise.all(others.map((name) => fs.rm(path.join(folder, name), { force: true })));
}
