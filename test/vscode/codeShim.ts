import { CodeServer } from './codeServer';
import { Preset } from './codeServerInstall';
import { runExtensionTests } from './extensionTests';

/** The desktop's arguments that it understands; it ignores the others, which concern a desktop only. */
interface DesktopArguments {
  readonly folder?: string | undefined;
  readonly developmentPath?: string | undefined;
  readonly testsPath?: string | undefined;
}

function parse(args: readonly string[]): DesktopArguments {
  const valueOf = (name: string) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  return {
    folder: args.find((arg) => !arg.startsWith('-')),
    developmentPath: valueOf('extensionDevelopmentPath'),
    testsPath: valueOf('extensionTestsPath'),
  };
}

/**
 * `@vscode/test-electron` takes this for VS Code: it runs the suite in code-server and ends with the suite's exit code.
 */
async function main(): Promise<number> {
  const server = await CodeServer.start({
    preset: Preset.parse(process.env['TEST_VSCODE'] ?? 'newest'),
    env: testEnvironment(),
    testDriver: true,
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  try {
    return await runExtensionTests(server, parse(process.argv.slice(2)));
  } finally {
    await server.stop();
  }
}

/** Variables that were set for the suite reach its extension host. */
function testEnvironment(): NodeJS.ProcessEnv {
  const given = Object.entries(process.env).filter(([name]) => /^(TEST_|COMFYDEPLOY_)/.test(name));
  return Object.fromEntries(given);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

main()
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
