import path from 'node:path';
import { contentOf, knownFrom } from './packing';
import type { Shipped } from './releaseRules';

/** The shops allow more; our users' lines do not. */
export const PACKAGE_LIMIT = 250_000;

/** All that a user needs: what else is in a package has slipped past .vscodeignore. */
const FOR_USERS = [
  /^(extension\.vsixmanifest|\[Content_Types\]\.xml)$/,
  /^extension\/(readme\.md|changelog\.md|LICENSE\.txt)$/i,
  /^extension\/package(\.nls(\.[a-z-]+)?)?\.json$/,
  /^extension\/dist\/(extension\.js|later\.bin)$/,
  /^extension\/skills\/[a-z]+\/SKILL\.md$/,
  /^extension\/media\/[\w.-]+\.(svg|png)$/,
];

const NEEDED = ['extension.vsixmanifest', 'package.json', 'readme.md', 'changelog.md', 'LICENSE.txt']
  .map((name) => (name === 'extension.vsixmanifest' ? name : `extension/${name}`))
  .concat(['extension.js', 'later.bin'].map((name) => `extension/dist/${name}`));

/** Beside those that vsce itself looks for, which does not see into what is packed. */
const SECRETS = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\beyJ[\w-]{16,}\.[\w-]{16,}\.[\w-]{16,}/,
  /\bgh[opsur]_[A-Za-z0-9]{36}\b/,
  /\bgithub_pat_\w{22,}/,
  /\bnpm_[A-Za-z0-9]{36}\b/,
  /\bAKIA[0-9A-Z]{16}\b/,
];

const SOURCE_MAP = /[#@] ?sourceMappingURL=/;

/** The shops show pictures from the web only, and none that can hold scripts. */
const PICTURE = /!\[[^\]]*\]\(([^)\s]+)/g;

/** Why a shop, or who downloads from it, would not take this package, a sentence each. @param size of the VSIX, bytes */
export function complaintsAboutVsix(files: ReadonlyMap<string, Buffer>, size: number): readonly string[] {
  const names = [...files.keys()];
  return [
    ...(size < PACKAGE_LIMIT ? [] : [`The package has ${size} bytes; it must have fewer than ${PACKAGE_LIMIT}.`]),
    ...NEEDED.filter((name) => !files.has(name)).map((name) => `${name} is missing.`),
    ...names.filter((name) => !FOR_USERS.some((each) => each.test(name))).map((name) => `${name} is not for users.`),
    ...[...files].flatMap(([name, content]) => aboutContent(name, textOf(name, content, files))),
  ];
}

function textOf(name: string, content: Buffer, files: ReadonlyMap<string, Buffer>): string {
  const read = (other: string) => files.get(path.posix.join('extension/dist', other));
  return (name.endsWith('.bin') ? contentOf(content, knownFrom(read)) : content).toString('latin1');
}

function aboutContent(name: string, text: string): readonly string[] {
  const pictures = name.endsWith('.md') ? [...text.matchAll(PICTURE)].map(([, address = '']) => address) : [];
  return [
    ...(SOURCE_MAP.test(text) ? [`${name} has a source map.`] : []),
    ...(SECRETS.some((secret) => secret.test(text)) ? [`${name} holds what looks like a secret.`] : []),
    ...pictures
      .filter((address) => !address.startsWith('https://') || /\.svg$/i.test(address))
      .map((address) => `${name} shows ${address}, which the shops do not.`),
  ];
}

/** What a package says of itself. */
export function shippedIn(files: ReadonlyMap<string, Buffer>): Shipped {
  const manifest = files.get('extension.vsixmanifest')?.toString() ?? '';
  const [, version = ''] = /<Identity [^>]*\bVersion="([^"]*)"/.exec(manifest) ?? [];
  return { version, isPreRelease: /Id="Microsoft\.VisualStudio\.Code\.PreRelease" Value="true"/.test(manifest) };
}
