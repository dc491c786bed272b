import fs from 'node:fs';
import { readZip } from '../bench/zip';
import { inProject } from '../vscode/project';
import { packageExtension } from '../vscode/vsix';
import { complaintsAboutVsix } from './vsixRules';

/** `npm run package`: the one file that is published, where the release looks for it. */
async function main(): Promise<void> {
  const folder = inProject('dist', 'release');
  const file = inProject('dist', 'release', 'extension.vsix');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  await packageExtension(file);
  const { size } = fs.statSync(file);
  const complaints = complaintsAboutVsix(readZip(fs.readFileSync(file)), size);
  process.stdout.write(`${file}: ${size} bytes\n`);
  process.stderr.write(complaints.map((complaint) => `${complaint}\n`).join(''));
  process.exitCode = complaints.length > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
