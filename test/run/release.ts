import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { readZip } from '../bench/zip';
import { mustRun, run } from '../vscode/processes';
import { inProject, PROJECT_ROOT } from '../vscode/project';
import { changesIn } from './changes';
import { complaintsAboutRelease, isNewer, isPreRelease, Manifest, notesOf, released } from './releaseRules';
import { complaintsAboutVsix, shippedIn } from './vsixRules';

const CHECK = '--check';

const read = (name: string): string => fs.readFileSync(inProject(name), 'utf8');
const manifestNow = (): Manifest => Manifest.parse(JSON.parse(read('package.json')));
const inRelease = (name: string): string => inProject('dist', 'release', name);

/** `npm run release -- 1.2.3`: the version, and the changelog of it, into the files that say them. */
async function prepare(version: string): Promise<void> {
  const { version: old } = manifestNow();
  if (!isNewer(version, old)) throw new Error(`${version} is not newer than ${old}.`);
  const { text, leftOut } = await changesIn(await messagesSinceRelease());
  const day = new Date().toISOString().slice(0, 10);
  const changelog = released(read('CHANGELOG.md'), version, day, text);
  fs.writeFileSync(inProject('CHANGELOG.md'), changelog);
  for (const [name, times] of [
    ['package.json', 1],
    ['package-lock.json', 2],
  ] as const)
    fs.writeFileSync(inProject(name), withVersion(read(name), old, version, times));
  for (const line of leftOut) process.stdout.write(`Left out, as it follows no convention: ${line}\n`);
  process.stdout.write(`${version} is a ${isPreRelease(version) ? 'pre-release' : 'release'}. Read CHANGELOG.md.\n`);
}

/** The project's own version stands before all others in both files. */
function withVersion(text: string, old: string, version: string, times: number): string {
  let left = times;
  return text.replaceAll(`"version": "${old}"`, (found) => (left-- > 0 ? `"version": "${version}"` : found));
}

/** Before the first release no commit is listed: all that it brings has been written by hand. */
async function messagesSinceRelease(): Promise<readonly string[]> {
  const options = { cwd: PROJECT_ROOT };
  const { code, output: tag } = await run('git', ['describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*'], options);
  if (code !== 0) return [];
  const log = await mustRun('git', ['log', '--format=%B%x00', `${tag.trim()}..HEAD`], options);
  return log
    .split('\0')
    .map((message) => message.trim())
    .filter((message) => message !== '');
}

/** `npm run release:check -- v1.2.3`: refuses a package that is not what the tag says; prints what the release needs. */
function check(tag: string): void {
  const vsix = fs.readFileSync(inRelease('extension.vsix'));
  const files = readZip(vsix);
  const manifest = manifestNow();
  const changelog = read('CHANGELOG.md');
  const complaints = [
    ...complaintsAboutRelease({ tag, manifest, shipped: shippedIn(files), changelog }),
    ...complaintsAboutVsix(files, vsix.length),
  ];
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  const sha256 = createHash('sha256').update(vsix).digest('hex');
  fs.writeFileSync(inRelease('extension.vsix.sha256'), `${sha256}  extension.vsix\n`);
  fs.writeFileSync(inRelease('notes.md'), `${notesOf(changelog, manifest.version) ?? ''}\n`);
  process.stdout.write(`pre-release=${String(isPreRelease(manifest.version))}\nsha256=${sha256}\n`);
}

async function main([first, second]: readonly string[]): Promise<void> {
  if (first === CHECK && second) return check(second);
  if (first && first !== CHECK) return prepare(first);
  throw new Error('Say which: npm run release -- 1.2.3, or npm run release:check -- v1.2.3');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
