import { parseArgs } from 'node:util';
import { startSimulator } from './simulator';

const LIKE_THE_REAL_ONE = { startUpMs: 20_000, callMs: 300, stopMs: 4_000 } as const;

/** `--port 4011 --world demo|empty --json`; runs until a signal ends it. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      world: { type: 'string', default: 'demo' },
      json: { type: 'boolean', default: false },
    },
  });
  const world = values.world === 'empty' ? 'empty' : 'demo';
  const simulator = await startSimulator({ port: Number(values.port), world });
  simulator.control.set(LIKE_THE_REAL_ONE);
  const [personal, studio] = simulator.control.keys().map(({ token }) => token);
  const { url, apiUrl } = simulator;
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ url, apiUrl, key: personal, orgKey: studio })}\n`
      : `ComfyDeploy simulator at ${apiUrl}\nPersonal key: ${personal ?? ''}\nStudio key: ${studio ?? ''}\nCtrl+C ends it.\n`,
  );
  const stop = () => void simulator.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

void main();
