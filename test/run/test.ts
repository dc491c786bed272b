import { checkStage } from './checkStage';
import { hostStage } from './hostStage';
import { contractStage, e2eStage, limitsStage, livesStage, propertiesStage, uiStage, unitStage } from './nodeStages';
import { countLine, failure, type Results } from './results';
import { SEED, seedOfCode } from './seed';
import { runStages, type Stage } from './stage';

const STAGES: readonly Stage[] = [
  checkStage,
  unitStage,
  propertiesStage,
  limitsStage,
  uiStage,
  contractStage,
  hostStage,
  e2eStage,
];
/** Every stage that can be named; plain `npm test` leaves out `livesStage`. */
const NAMED: readonly Stage[] = [...STAGES, livesStage];

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function test(names: readonly string[]): Promise<Results> {
  const unknown = names.filter((name) => !NAMED.some((stage) => stage.name === name));
  if (unknown.length === 0) {
    return runStages(names.length === 0 ? STAGES : NAMED.filter(({ name }) => names.includes(name)), print);
  }
  const known = NAMED.map(({ name }) => name).join(', ');
  print(`There is no stage called ${unknown.join(' or ')}. The stages: ${known}.`);
  return failure('stage', unknown.join());
}

process.env[SEED] ??= seedOfCode();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

test(process.argv.slice(2))
  .then((results) => {
    print(countLine(results));
    process.exitCode = results.failed > 0 ? 1 : 0;
  })
  .catch((error: unknown) => {
    print(error instanceof Error ? error.message : String(error));
    print('0 passed, 1 failed');
    process.exitCode = 1;
  });
