import * as z from 'zod';

/** What package.json says of where the project lives, and which version it is. */
export const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  repository: z.object({ type: z.literal('git'), url: z.string() }),
  bugs: z.object({ url: z.string() }),
  homepage: z.string(),
});
export type Manifest = z.output<typeof Manifest>;

/** Who owns the repository, as long as nobody does. */
const NOBODY = 'OWNER';

const GITHUB = 'https://github.com/';

/** What the shops take, which know no `-beta.1`. */
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

type Numbers = readonly [major: number, minor: number, patch: number];

function numbersOf(version: string): Numbers {
  const [, major, minor, patch] = VERSION.exec(version) ?? [];
  if (major === undefined) throw new Error(`${version} is no version such as 1.2.3.`);
  return [Number(major), Number(minor), Number(patch)];
}

/** The shops offer the highest version to everybody whom its channel fits: an odd minor number is a pre-release. */
export const isPreRelease = (version: string): boolean => numbersOf(version)[1] % 2 === 1;

export function isNewer(version: string, than: string): boolean {
  const old = numbersOf(than);
  const changed = numbersOf(version).map((number, index) => number - (old[index] ?? 0));
  return (changed.find((difference) => difference !== 0) ?? 0) > 0;
}

/** `owner/name` of the repository. */
export const repositoryOf = ({ repository: { url } }: Manifest): string =>
  url.replace(GITHUB, '').replace(/\.git$/, '');

/** Three lines of package.json say where the project lives; nothing else does. */
export function complaintsAboutPlace(manifest: Manifest): readonly string[] {
  const place = `${GITHUB}${repositoryOf(manifest)}`;
  return [
    ...(manifest.repository.url === `${place}.git` ? [] : [`repository.url is not of the form ${GITHUB}…/….git.`]),
    ...(manifest.bugs.url === `${place}/issues` ? [] : [`bugs.url is not ${place}/issues.`]),
    ...(manifest.homepage === `${place}#readme` ? [] : [`homepage is not ${place}#readme.`]),
  ];
}

export interface Release {
  readonly tag: string;
  readonly manifest: Manifest;
  /** What the package to be published says of itself. */
  readonly shipped: Shipped;
  readonly changelog: string;
}

export interface Shipped {
  readonly version: string;
  readonly isPreRelease: boolean;
}

/** Why this must not be released, a sentence each. */
export function complaintsAboutRelease({ tag, manifest, shipped, changelog }: Release): readonly string[] {
  const { version } = manifest;
  const isOwned = !repositoryOf(manifest).startsWith(`${NOBODY}/`);
  return [
    ...complaintsAboutPlace(manifest),
    ...(isOwned ? [] : [`package.json still names ${NOBODY} as the owner of the repository.`]),
    ...(tag === `v${version}` ? [] : [`The tag is ${tag}, but package.json says ${version}.`]),
    ...(shipped.version === version ? [] : [`The package is ${shipped.version}, but package.json says ${version}.`]),
    ...(shipped.isPreRelease === isPreRelease(version)
      ? []
      : [`${version} has to be packaged ${isPreRelease(version) ? 'with' : 'without'} --pre-release.`]),
    ...(notesOf(changelog, version) ? [] : [`CHANGELOG.md says nothing of ${version}.`]),
  ];
}

const UNRELEASED = '## Unreleased';

/** What the changelog says of a version. */
export function notesOf(changelog: string, version: string): string | undefined {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/\s/, 1)[0] === version);
  return section?.replace(/^.*/, '').trim() || undefined;
}

/** The changelog with all that was unreleased under the new version: first what people wrote, then `changes`. */
export function released(changelog: string, version: string, day: string, changes: string): string {
  if (!changelog.includes(`${UNRELEASED}\n`)) throw new Error(`CHANGELOG.md has no "${UNRELEASED}".`);
  const [head = '', ...rest] = changelog.split(`${UNRELEASED}\n`);
  const [written = '', ...older] = rest.join('').split(/^(?=## )/m);
  const news = [written.trim(), changes].filter((text) => text !== '').join('\n\n');
  if (news === '') throw new Error('There is nothing to release: CHANGELOG.md and the commits say nothing new.');
  return `${head}${UNRELEASED}\n\n## ${version} (${day})\n\n${news}\n\n${older.join('')}`;
}
