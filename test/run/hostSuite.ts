import fs from 'node:fs';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { inProject, PROJECT_ROOT } from '../vscode/project';
import { inTemporaryFolder } from '../vscode/temporary';
import { DESKTOP_VERSIONS, Edition } from './desktopChoice';

/** Runs the extension-host suite once: in a downloaded desktop VS Code, or in code-server that stands in for one. */
async function main(kind: string | undefined): Promise<void> {
  const edition = Edition.parse(process.env['TEST_VSCODE']);
  await inTemporaryFolder(async (folder) => {
    const workspace = path.join(folder, 'workspace');
    fs.mkdirSync(workspace);
    await runTests({
      extensionDevelopmentPath: PROJECT_ROOT,
      extensionTestsPath: inProject('dist', 'test', 'host.js'),
      launchArgs: [workspace, `--user-data-dir=${path.join(folder, 'user')}`],
      // The developer's own must not reach a test.
      extensionTestsEnv: { COMFYDEPLOY_API_KEY: undefined, XDG_STATE_HOME: path.join(folder, 'state') },
      ...(kind === 'desktop' ? { version: DESKTOP_VERSIONS[edition] } : { vscodeExecutablePath: codeShim() }),
    });
  });
}

function codeShim(): string {
  const shim = inProject('dist', 'run', 'codeShim.js');
  fs.chmodSync(shim, 0o755);
  return shim;
}

// `runTests` ends VS Code on this signal only.
process.on('SIGTERM', () => process.kill(process.pid, 'SIGINT'));

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
