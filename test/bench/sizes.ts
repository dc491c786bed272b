import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { PACKAGE_LIMIT } from '../run/vsixRules';
import { mustRun } from '../vscode/processes';
import { PROJECT_ROOT } from '../vscode/project';
import { atMost, kilobytes, type Bench, type Figure, type Measurement } from './figure';
import { readZip } from './zip';

const Metafile = z.object({
  outputs: z.record(z.string(), z.object({ inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })) })),
});

export const sizes: Measurement = {
  name: 'sizes',
  title: 'Size',
  method:
    'The package as the gallery would get it. Shares of the bundle are those its builder reports. 1 kB is 1,000 bytes.',
  async measure(bench) {
    const file = await bench.vsix();
    const files = readZip(fs.readFileSync(file));
    const bundle = fileOf(files, 'extension/dist/extension.js');
    const later = fileOf(files, 'extension/dist/later.bin');
    const { size } = fs.statSync(file);
    return [
      {
        name: 'What every window reads',
        value: kilobytes(bundle.length),
        note: `${kilobytes(gzipSync(bundle, { level: 9 }).length)} gzipped`,
      },
      ...(await shares(bench, bundle.length)),
      { name: 'What is read later, with all translations, packed', value: kilobytes(later.length) },
      {
        name: 'VSIX',
        value: kilobytes(size),
        target: atMost(size, PACKAGE_LIMIT, kilobytes(PACKAGE_LIMIT)),
        note: `${files.size} files`,
      },
    ];
  },
};

function fileOf(files: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const file = files.get(name);
  if (!file) throw new Error(`The package holds no ${name}.`);
  return file;
}

/** What the bundle is made of: our rooms and our dependencies, largest first. */
async function shares({ folder }: Bench, whole: number): Promise<readonly Figure[]> {
  const file = path.join(folder, 'metafile.json');
  const build = ['esbuild.js', '--production', '--only=extension', `--metafile=${file}`];
  await mustRun(process.execPath, build, { cwd: PROJECT_ROOT });
  const { outputs } = Metafile.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  const parts = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const part = partOf(input);
      parts.set(part, (parts.get(part) ?? 0) + bytesInOutput);
    }
  }
  return [...parts]
    .sort(([, a], [, b]) => b - a)
    .map(([part, bytes]) => ({
      name: `of it ${part}`,
      value: kilobytes(bytes),
      note: `${((bytes / whole) * 100).toFixed(1)} %`,
    }));
}

function partOf(input: string): string {
  const [, dependency] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input) ?? [];
  return dependency ?? input.split('/').slice(0, 2).join('/');
}
