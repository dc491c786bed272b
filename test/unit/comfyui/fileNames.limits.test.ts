import test from 'node:test';
import { isSafePath, Names, safeName } from '../../../src/comfyui/fileNames';
import { assertLinear } from '../../fakes/doubling';

const LONG: readonly (readonly [what: string, of: (size: number) => () => void])[] = [
  ...['.', ' ', '\u200b', 'a.', '. ', '❤️'].map(
    (part) =>
      [
        `a name of many ${JSON.stringify(part)}`,
        (size: number) => {
          const name = `${part.repeat(size / part.length)}x`;
          return () => [name, `x${name}`, `${name}/`].forEach((one) => [safeName(one), isSafePath(one)]);
        },
      ] as const,
  ),
  [
    'a path of many levels',
    (size) => () => {
      const names = new Names();
      names.reserve('a/'.repeat(size));
      names.give('../'.repeat(size), 'x');
      isSafePath('a/'.repeat(size));
    },
  ],
  [
    'files whose names collide',
    (size) => () => {
      const names = new Names();
      for (let n = 0; n < size / 10; n++) names.give('', n % 2 === 0 ? 'a.png' : 'A.png');
    },
  ],
  [
    'names that are claimed one after the other',
    (size) => () => {
      const names = new Names();
      for (let n = 0; n < size / 10; n++) names.claim('deep/a.png');
    },
  ],
];
for (const [what, of] of LONG) {
  test(`${what} takes no longer for each than a few do`, () => assertLinear(what, of, (work) => work()));
}
