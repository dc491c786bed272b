import fs from 'node:fs';
import path from 'node:path';
import { inProject } from '../vscode/project';
import { inTemporaryFolder } from '../vscode/temporary';
import { packageExtension } from '../vscode/vsix';
import { activation } from './activation';
import { conversion } from './conversion';
import { flood, heap, refresh } from './core';
import type { Bench, Measurement, Section } from './figure';
import { firstRows } from './firstRows';
import { gallery } from './gallery';
import { idle } from './idle';
import { large } from './large';
import { load, machineText } from './machine';
import { picture } from './picture';
import { plainText, writeInto } from './report';
import { sizes } from './sizes';
import { traffic } from './traffic';
import { workingDay } from './workingDay';

const MEASUREMENTS: readonly Measurement[] = [
  workingDay,
  refresh,
  heap,
  flood,
  conversion,
  picture,
  gallery,
  large,
  traffic,
  idle,
  sizes,
  activation,
  firstRows,
];

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const progress = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * `npm run bench [-- <name>...] [--write]`: runs all measurements, or those that are named; `--write` puts the figures
 * into the docs.
 */
async function main(args: readonly string[]): Promise<void> {
  const { chosen, isKept } = parse(args);
  const machine = await machineText(progress);
  print(`${machine}\n`);
  const before = load().toFixed(1);
  const sections = await inTemporaryFolder((folder) => measureAll(chosen, benchIn(folder)));
  const loads = `load average ${before} before and ${load().toFixed(1)} after`;
  print(loads);
  if (isKept) await writeInto(inProject('docs', 'benchmarks.md'), `${machine}; ${loads}`, sections);
}

async function measureAll(measurements: readonly Measurement[], bench: Bench): Promise<readonly Section[]> {
  const sections: Section[] = [];
  for (const measurement of measurements) {
    const section = { ...measurement, figures: await measurement.measure(bench) };
    print(plainText(section));
    sections.push(section);
  }
  return sections;
}

function parse(args: readonly string[]) {
  const isKept = args.includes('--write');
  const names = args.filter((arg) => arg !== '--write');
  const unknown = names.filter((name) => !MEASUREMENTS.some((measurement) => measurement.name === name));
  const known = MEASUREMENTS.map(({ name }) => name).join(', ');
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(' or ')} to measure. There are: ${known}.`);
  if (isKept && names.length > 0) throw new Error('--write keeps the figures of one whole run: name none.');
  return { chosen: MEASUREMENTS.filter(({ name }) => names.length === 0 || names.includes(name)), isKept };
}

/** The package is made once, in that folder. */
function benchIn(folder: string): Bench {
  const file = path.join(folder, 'extension.vsix');
  const vsix = async () => {
    if (!fs.existsSync(file)) await packageExtension(file);
    return file;
  };
  return { vsix, folder, progress };
}

// The processes we started end with this one, but only if it exits and is not killed.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

main(process.argv.slice(2)).catch((error: unknown) => {
  progress(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
