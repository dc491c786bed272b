import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { inProject } from '../vscode/project';

export const SEED = 'TEST_SEED';

/**
 * Random tests get the same seed for the same code, so that a change passes or fails by its content, and another seed
 * for other code. For more: `npm run test:lives`, or set `TEST_SEED`.
 */
export function seedOfCode(): string {
  const hash = createHash('sha256');
  for (const folder of ['src', 'test']) {
    const files = fs.readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.ts')).sort())
      hash.update(fs.readFileSync(path.join(inProject(folder), file)));
  }
  return String(hash.digest().readUInt32BE() >>> 1);
}
