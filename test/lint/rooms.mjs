import fs from 'node:fs';
import path from 'node:path';

/** The rooms from the ground up: a file imports only from its own room and from those before it. */
export const ROOMS = [
  'platform',
  'comfydeploy',
  'comfyui',
  'accounts',
  'sessions',
  'windows',
  'activity',
  'spending',
  'logs',
  'outputs',
  'page',
  'workflows',
  'library',
  'picture',
  'gallery',
  'guardian',
  'sidebar',
  'agents',
];

/** Folders of a room whose files may import more than the room's other files. */
const KNOWING = ['ui', 'node', 'webview'];

/** `src/outputs/ui/x.ts` -> the room of outputs, in `ui`. Root files stand above all rooms. */
export function placeOf(file) {
  const [room, folder] = file.split('/').slice(1);
  const floor = ROOMS.indexOf(room);
  return { floor: floor < 0 ? ROOMS.length : floor, room, knows: KNOWING.includes(folder) ? folder : undefined };
}

/** @returns why `from` must not import `to`, or undefined. Both are paths from the project's root, with `/`. */
export function complaintAbout(from, to) {
  const here = placeOf(from);
  const there = placeOf(to);
  if (there.floor > here.floor)
    return `${here.room} is below ${there.floor < ROOMS.length ? there.room : 'the root'}: imports go downwards.`;
  if (there.knows !== undefined && here.floor < ROOMS.length && there.knows !== here.knows)
    return `Only ${there.knows}/ and the root import from ${there.knows}/.`;
  return undefined;
}

/** The files that lead from `file` back to it, or undefined. @param importsOf paths that a file imports. */
export function cycleThrough(file, importsOf) {
  const cameFrom = new Map();
  const toLookAt = [file];
  for (const one of toLookAt) {
    for (const next of importsOf(one)) {
      if (next === file) return [...backTo(one, cameFrom), file];
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, one);
      toLookAt.push(next);
    }
  }
  return undefined;
}

function backTo(last, cameFrom) {
  const way = [];
  for (let one = last; one !== undefined; one = cameFrom.get(one)) way.unshift(one);
  return way;
}

const IMPORT = /(?:\bfrom|\bimport\()\s*'(\.[^']+)'/g;

/** Imports of types count too: to read a file one has to read them. */
function importsIn(root) {
  const known = new Map();
  return (file) => {
    const found = known.get(file);
    if (found) return found;
    const at = path.join(root, file);
    const text = fs.existsSync(at) ? fs.readFileSync(at, 'utf8') : '';
    const targets = [...text.matchAll(IMPORT)].map(([, name]) => targetOf(file, name));
    known.set(file, targets);
    return targets;
  };
}

function targetOf(file, name) {
  return `${path.posix.join(path.posix.dirname(file), name)}.ts`;
}

const floors = {
  meta: { type: 'problem', schema: [], messages: { up: '{{why}}', round: 'Imports go round: {{way}}.' } },
  create(context) {
    const file = path.relative(context.cwd, context.filename).replaceAll(path.sep, '/');
    const check = (node, source) => {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const why = complaintAbout(file, targetOf(file, source.value));
      if (why !== undefined) context.report({ node, messageId: 'up', data: { why } });
    };
    return {
      Program(node) {
        const way = cycleThrough(file, importsIn(context.cwd));
        if (way)
          context.report({ node, loc: { line: 1, column: 0 }, messageId: 'round', data: { way: way.join(' -> ') } });
      },
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal),
    };
  },
};

export const house = { rules: { floors } };
