// A reporter for node:test, which wants it as a default export: writes counts and failures as JSON to TEST_RESULTS.
import fs from 'node:fs';
import { inspect } from 'node:util';

export default async function* report(events) {
  const results = { passed: 0, failed: 0, skipped: 0, failures: [] };
  const running = new Set();
  const write = () => fs.writeFileSync(process.env.TEST_RESULTS, JSON.stringify(results));
  // The runner's time limit has passed.
  process.once('SIGTERM', () => {
    for (const name of running) results.failures.push({ name, detail: 'It did not end in time.' });
    results.failed = results.failures.length;
    write();
    process.exit(1);
  });
  const warnings = [];
  process.on('warning', (warning) => warnings.push(warning));
  const uncaught = (error) => {
    const name = `an error that nobody caught, during: ${[...running].join('; ')}`;
    results.failures.push({ name, detail: stackOf(error) });
  };
  process.on('uncaughtExceptionMonitor', uncaught);
  process.on('unhandledRejection', uncaught);
  for await (const { type, data } of events) {
    if (type === 'test:pass' || type === 'test:fail') yield '\n'; // whoever runs us sees that we go on
    if (type === 'test:dequeue') running.add(data.name);
    if (type === 'test:pass' || type === 'test:fail') running.delete(data.name);
    // An error after the end of a test fails no test, only the run: print it for whoever shows our output.
    if (type === 'test:diagnostic' && /^(Error|Warning):/.test(data.message)) yield `${data.message}\n`;
    if ((type !== 'test:pass' && type !== 'test:fail') || isGroup(data)) continue;
    if (data.skip !== undefined || data.todo !== undefined) results.skipped += 1;
    else if (type === 'test:pass') results.passed += 1;
    else results.failures.push({ name: data.name, detail: detailOf(data.details.error) });
  }
  await collected();
  for (const warning of warnings)
    results.failures.push({ name: `a warning: ${warning.name}`, detail: detailOf(warning) });
  results.failed = results.failures.length;
  write();
}

/** Collects garbage: Node warns of a handle left open only once it is unreachable. */
async function collected() {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A suite, or a test that failed only because one inside it did. */
const isGroup = ({ details }) => details.type === 'suite' || details.error?.failureType === 'subtestsFailed';

function detailOf(error) {
  return stackOf(error.cause ?? error);
}

function stackOf(error) {
  const text = typeof error?.stack === 'string' ? error.stack : inspect(error);
  return text
    .split('\n')
    .filter((line) => !/^\s+at .*node:internal/.test(line))
    .join('\n');
}
