import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { CodeServer } from '../vscode/codeServer';
import { runExtensionTests } from '../vscode/extensionTests';
import { inProject } from '../vscode/project';
import { eventually } from '../vscode/waiting';
import { atMost, milliseconds, type Figure, type Measurement } from './figure';
import { median, spread } from './statistics';
import { readZip } from './zip';

const SAMPLES = 10;
const LIMIT_RATIO = 3;
const LAST_HOST_MS = 5_000;

const Sample = z.object({ id: z.string(), ms: z.number(), cpuMs: z.number() });
type Sample = z.output<typeof Sample>;

export const activation: Measurement = {
  name: 'activation',
  title: 'Activation',
  method:
    'The unpacked package in the extension host of a real VS Code, signed out, without its activation events: ' +
    'once the host has rested for 3 s, `activate()` is called and awaited. Every sample has a fresh host; an ' +
    'extension that does nothing takes turns with ours.',
  async measure({ vsix, folder, progress }) {
    const extensions = path.join(fs.realpathSync(folder), 'activation');
    const ours = unpack(await vsix(), path.join(extensions, 'ours'));
    const empty = writeEmpty(path.join(extensions, 'empty'));
    const results = path.join(extensions, 'samples.jsonl');
    const env = { TEST_FOLDER: extensions, TEST_RESULTS: results };
    const server = await CodeServer.start({ preset: 'newest', testDriver: true, env, progress });
    try {
      for (let round = 1; round <= SAMPLES; round++) {
        progress(`Activation ${round} of ${SAMPLES}`);
        for (const developmentPath of [empty, ours]) await sample(server, developmentPath);
      }
    } finally {
      await server.stop();
    }
    const samples = fs.readFileSync(results, 'utf8').trimEnd().split('\n');
    return figures(samples.map((line) => Sample.parse(JSON.parse(line))));
  },
};

async function sample(server: CodeServer, developmentPath: string): Promise<void> {
  const hostsEnded = () => server.log().split('Extension Host Process exited').length;
  const before = hostsEnded();
  const testsPath = inProject('dist', 'test', 'benchHost.js');
  const code = await runExtensionTests(server, { developmentPath, testsPath });
  if (code !== 0) throw new Error(`The extension in ${path.basename(developmentPath)} could not be timed.`);
  await eventually(() => hostsEnded() > before, LAST_HOST_MS); // otherwise it would take time from the next sample
}

function unpack(vsix: string, target: string): string {
  for (const [name, content] of readZip(fs.readFileSync(vsix))) {
    if (!name.startsWith('extension/')) continue;
    const file = path.join(target, name.slice('extension/'.length));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, name === 'extension/package.json' ? withoutEvents(content) : content);
  }
  return target;
}

function withoutEvents(manifest: Buffer): string {
  const known = z.looseObject({}).parse(JSON.parse(manifest.toString('utf8')));
  return JSON.stringify({ ...known, activationEvents: [] });
}

function writeEmpty(folder: string): string {
  const manifest = { name: 'empty', publisher: 'bench', version: '1.0.0', engines: { vscode: '^1.100.0' } };
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ ...manifest, main: './empty.js' }));
  fs.writeFileSync(path.join(folder, 'empty.js'), 'exports.activate = () => {};\n');
  return folder;
}

function figures(samples: readonly Sample[]): readonly Figure[] {
  const isEmpty = ({ id }: Sample) => id === 'bench.empty';
  const floor = samples.filter(isEmpty);
  const own = samples.filter((one) => !isEmpty(one));
  const took = median(own.map(({ ms }) => ms));
  const ratio = took / median(floor.map(({ ms }) => ms));
  return [
    {
      name: 'This extension, as a multiple of an empty one',
      value: `${ratio.toFixed(1)} times`,
      target: atMost(ratio, LIMIT_RATIO, `${LIMIT_RATIO}`),
    },
    row('This extension', own),
    row('An empty extension', floor),
  ];
}

function row(name: string, samples: readonly Sample[]): Figure {
  const times = samples.map(({ ms }) => ms);
  const cpu = median(samples.map(({ cpuMs }) => cpuMs));
  return { name, value: milliseconds(median(times)), note: `${spread(times)}; ${milliseconds(cpu)} of CPU` };
}
