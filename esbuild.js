// One source of every bundle. Three of them are fences: what may not be imported cannot be built.
const { build, buildSync, context, transformSync } = require('esbuild');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const terser = require('terser');
const { numbered, content } = require('./l10n/numbered.js');

const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');
const option = (name) => process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
/** `--only=unit,host`: nothing but the bundles of these names. */
const only = option('only')?.split(',');
/** `--metafile=made.json`: writes what the first of the bundles is made of. */
const metafile = option('metafile');

/** Every TypeScript file below a folder. */
const sources = (folder) =>
  fs
    .readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => path.join(folder, file));

/** Files of a room: `plain` ones know neither `vscode` nor Node; the others stand in a folder that says what they know. */
const inFolder = (name) => sources('src').filter((file) => path.basename(path.dirname(file)) === name);
const plain = () => sources('src').filter((file) => file.split(path.sep).length === 3);

/** An entry that imports all the given files, so that they are bundled whether or not anything uses them. */
const importing = (files) => ({
  stdin: { contents: files.map((file) => `import ${JSON.stringify(`./${file}`)};`).join('\n'), resolveDir: __dirname },
});
/** The same for tests, of which some try out what the runner has chosen at random. */
const testing = (files) => (files.length === 0 ? importing(files) : importing(['test/fakes/seed.ts', ...files]));

/** Lives at random want a process of their own, without what other tests leave running. */
const isPhantoms = (file) => ['phantoms.test.ts', 'deadLaptop.test.ts'].includes(path.basename(file));

/** What measures wants the process to itself, too. */
const isDoubling = (file) => path.basename(file) === 'doubling.test.ts' || file.endsWith('.limits.test.ts');
const isTurns = (file) => path.basename(file) === 'turns.test.ts';
/** What holds whatever happens takes its time to be tried out. */
const isProperty = (file) => file.endsWith('.property.test.ts');
const unitTests = () =>
  sources('test/unit').filter((file) => file.endsWith('.test.ts') && !isDoubling(file) && !isTurns(file));
const examples = () => unitTests().filter((file) => !isProperty(file));
const properties = () => unitTests().filter(isProperty);
const uiTests = () => sources('test/ui').filter((file) => file.endsWith('.test.ts'));
const e2eTests = () => sources('test/e2e').filter((file) => file.endsWith('.test.ts'));

/** Two processes have the tests done sooner than one: long files take longer, so they are dealt out by length. */
const half = (files, which) =>
  files
    .map((file) => ({ file, length: fs.statSync(file).size }))
    .sort((a, b) => b.length - a.length)
    .filter((_, index) => [1, 2, 2, 1][index % 4] === which)
    .map(({ file }) => file);

/** A test that names a time of day or a date of the wall clock has to hold in every time zone. */
const MOMENT = /\d\d:\d\d|new Date\(\w+, |Date\.UTC\(\d+, \d+, \d+, \d+, \d/;
/** Or what stands beside it and belongs to it. */
const speaksOfTime = (file) => {
  const name = file.replace(/(\.property)?\.test\.ts$/, '');
  return ['.ts', '.test.ts', '.property.test.ts']
    .map((end) => `${name}${end}`)
    .some((each) => fs.existsSync(each) && MOMENT.test(fs.readFileSync(each, 'utf8')));
};

const shared = {
  bundle: true,
  format: 'cjs',
  target: 'es2023',
  minify: production,
  sourcemap: production ? false : 'inline',
  logLevel: 'warning',
  legalComments: 'none',
};
const node = {
  ...shared,
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'], // some packages cannot be bundled from their `main`
  minify: false,
  sourcemap: 'inline',
};

/**
 * VS Code's API as a module that exports what we name of it. As an external CommonJS module it would be copied, hundreds
 * of getters, for each file that imports it.
 */
const vscodeApi = {
  name: 'vscode-api',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vscode$/ }, ({ namespace, path }) =>
      namespace === 'vscode-api' ? { path, external: true } : { path, namespace: 'vscode-api' },
    );
    onLoad({ filter: /^/, namespace: 'vscode-api' }, () => {
      const texts = sources('src').map((file) => fs.readFileSync(file, 'utf8'));
      const names = new Set(texts.flatMap((text) => [...text.matchAll(/\bvscode\.(\w+)/g)].map(([, name]) => name)));
      return { contents: `export const { ${[...names].join(', ')} } = require('vscode');` };
    });
  },
};

/** What is imported by a call, and so read when first needed, is a bundle of its own. */
const laterBundles = [
  'src/house.ts',
  'src/workflows/places.ts',
  'src/workflows/conversion.ts',
  'src/workflows/carried.ts',
];
const laterNames = laterBundles.map((file) => path.basename(file, '.ts'));
const later = {
  name: 'later',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ kind, path: file, resolveDir }) => {
      const source = `${path.relative(__dirname, path.resolve(resolveDir, file)).replaceAll(path.sep, '/')}.ts`;
      const isLater = laterBundles.includes(source);
      if (kind !== 'dynamic-import')
        return isLater ? { errors: [{ text: `${source} is a later bundle: import it by a call.` }] } : undefined;
      if (!isLater) return { errors: [{ text: `${source} is not among the later bundles.` }] };
      return { path: `./${path.basename(file)}.js`, external: true };
    });
  },
};

/** What every window reads when it opens has no schemas: they would take longer than all the rest of it. */
const early = {
  name: 'early',
  setup({ onResolve }) {
    onResolve({ filter: /^zod/ }, ({ importer }) => ({
      errors: [{ text: `${path.relative(__dirname, importer)} is read when a window opens, and wants no schemas.` }],
    }));
  },
};

const SHORTER = { ecma: 2020, toplevel: true, compress: { passes: 2 } };

/** A bundle's text. One that ships is made shorter once more, by a twentieth: it need not be quick to build. */
async function compact(name) {
  const text = fs.readFileSync(`dist/${name}.js`, 'utf8');
  if (!production) return text;
  const { code } = await terser.minify(text, SHORTER);
  return code;
}

/** The same for a bundle that ships as a file. */
const compacted = (name) => ({
  name: 'compacted',
  setup({ onEnd }) {
    onEnd(async ({ errors }) => {
      if (production && errors.length === 0) fs.writeFileSync(`dist/${name}.js`, await compact(name));
    });
  },
});

/** What packs is TypeScript, as it shares its model with what unpacks. */
function packing() {
  const entryPoints = ['test/run/packing.ts'];
  const [{ text }] = buildSync({ entryPoints, bundle: true, platform: 'node', write: false }).outputFiles;
  const made = { exports: {} };
  vm.runInThisContext(`(function (module, require) {${text}\n})`)(made, require);
  return made.exports;
}

/** Which of the later bundles, and of what they continue, are still being built. */
const unfinished = new Set();

/**
 * What is read after a window has opened ships in one packed file (`platform/node/packed`): its code has words in common
 * with the translations, and half the download is this. Packed once the last of them is built.
 */
const packed = (file) => ({
  name: 'packed',
  setup({ onStart, onEnd }) {
    unfinished.add(file);
    onStart(() => void unfinished.add(file));
    onEnd(async ({ errors }) => {
      unfinished.delete(file);
      const isWhole = laterNames.every((name) => fs.existsSync(`dist/${name}.js`));
      if (errors.length > 0 || unfinished.size > 0 || !isWhole) return;
      const code = await Promise.all(laterNames.map(async (name) => [name, await compact(name)]));
      const { packedFile, knownIn } = packing();
      fs.writeFileSync('dist/later.bin', packedFile(content(code), production ? knownIn('dist') : undefined));
    });
  },
});

const extension = {
  ...shared,
  platform: 'node',
  target: 'node20',
  alias: { '@vscode/l10n': './node_modules/@vscode/l10n/dist/browser.js' },
};

/** The script of a page, which is part of its document. */
function pageScript(entry) {
  const options = { ...shared, entryPoints: [entry], format: 'iife', minify: true, sourcemap: false, write: false };
  const [{ text }] = buildSync(options).outputFiles;
  return JSON.stringify(terser.minify_sync(text, SHORTER).code);
}
const pageScripts = {
  GALLERY_SCRIPT: pageScript('src/gallery/webview/galleryPage.ts'),
  PICTURE_SCRIPT: pageScript('src/picture/webview/picturePage.ts'),
  SPENDING_SCRIPT: pageScript('src/spending/webview/spendingPage.ts'),
  TAB_SCRIPT: pageScript('src/page/webview/sessionPage.ts'),
  TAB_STYLE: JSON.stringify(
    transformSync(fs.readFileSync('src/page/webview/sessionPage.css', 'utf8'), {
      loader: 'css',
      minify: true,
    }).code.trim(),
  ),
};

const shipped = [
  {
    ...extension,
    entryPoints: ['src/extension.ts'],
    plugins: [vscodeApi, later, early, compacted('extension'), packed('src/extension.ts')],
    supported: { 'dynamic-import': false },
    outfile: 'dist/extension.js',
  },
  ...laterBundles.map((file) => ({
    ...extension,
    entryPoints: [file],
    mainFields: ['module', 'main'],
    define: pageScripts,
    plugins: [vscodeApi, later, numbered, packed(file)],
    supported: { 'dynamic-import': false },
    outfile: `dist/${path.basename(file, '.ts')}.js`,
  })),
];

const fences = [
  // Neither `vscode` nor a Node built-in resolves here.
  { ...shared, ...importing(plain()), platform: 'browser', write: false },
  // `vscode` is there; Node is not.
  {
    ...shared,
    ...importing([...plain(), ...inFolder('ui')]),
    platform: 'browser',
    external: ['vscode'],
    write: false,
  },
  // The page's script has a browser and nothing else.
  { ...shared, ...importing(inFolder('webview')), platform: 'browser', write: false },
];

const tests = [
  {
    ...shared,
    platform: 'browser',
    format: 'iife',
    entryPoints: ['src/page/webview/sessionPage.ts'],
    outfile: 'dist/test/webview.js',
  },
  // Unit tests run without VS Code: a core file that reaches for it fails the build.
  ...[1, 2].flatMap((which) => [
    { ...node, ...testing(half(examples(), which)), outfile: `dist/test/unit${which}.js` },
    { ...node, ...testing(half(properties(), which)), outfile: `dist/test/properties${which}.js` },
  ]),
  { ...node, ...testing(unitTests().filter(speaksOfTime)), outfile: 'dist/test/unitTime.js' },
  { ...node, ...importing(sources('test/unit').filter(isDoubling)), outfile: 'dist/test/doubling.js' },
  { ...node, ...importing(sources('test/unit').filter(isTurns)), outfile: 'dist/test/turns.js' },
  ...[1, 2].map((which) => ({
    ...node,
    ...testing(half(uiTests(), which)),
    alias: { vscode: './test/fakes/vscode.ts' },
    outfile: `dist/test/ui${which}.js`,
  })),
  {
    ...node,
    ...testing(sources('test/contract').filter((file) => !isPhantoms(file))),
    packages: 'external',
    outfile: 'dist/test/contract.js',
  },
  {
    ...node,
    ...testing(sources('test/contract').filter(isPhantoms)),
    packages: 'external',
    outfile: 'dist/test/phantoms.js',
  },
  { ...node, entryPoints: ['test/processes/window.ts'], packages: 'external', outfile: 'dist/test/window.js' },
  ...[1, 2].map((which) => ({
    ...node,
    ...importing(half(e2eTests(), which)),
    packages: 'external',
    outfile: `dist/test/e2e${which}.js`,
  })),
  { ...node, entryPoints: ['test/host/index.ts'], external: ['vscode', 'mocha'], outfile: 'dist/test/host.js' },
  {
    ...node,
    ...importing(sources('test/host').filter((file) => file.endsWith('.test.ts'))),
    external: ['vscode', 'mocha'],
    outfile: 'dist/test/hostSuites.js',
  },
  { ...node, entryPoints: ['test/simulator/main.ts'], packages: 'external', outfile: 'dist/test/simulator.js' },
  {
    ...node,
    entryPoints: ['test/bench/main.ts'],
    alias: { vscode: './test/fakes/vscode.ts' },
    packages: 'external',
    outfile: 'dist/test/bench.js',
  },
  {
    ...node,
    entryPoints: ['test/bench/inNode/main.ts'],
    alias: { vscode: './test/fakes/vscode.ts' },
    external: ['@hono/*', 'hono', 'ws'], // what ships is bundled here, too
    outfile: 'dist/test/benchInNode.js',
  },
  { ...node, entryPoints: ['test/bench/host/sample.ts'], external: ['vscode'], outfile: 'dist/test/benchHost.js' },
].filter(({ entryPoints, stdin }) => (entryPoints ? fs.existsSync(entryPoints[0]) : stdin.contents));

/** What `npm start` and `npm test` themselves run. */
const run = {
  ...node,
  entryPoints: ['start', 'test', 'hostSuite', 'package', 'release']
    .map((name) => `test/run/${name}.ts`)
    .concat('test/vscode/codeShim.ts'),
  entryNames: '[name]',
  banner: { js: '#!/usr/bin/env node' },
  packages: 'external',
  outdir: 'dist/run',
};

const nameOf = ({ outfile, outdir }) => path.basename(outfile ?? outdir ?? 'fence', '.js');

async function main() {
  const every = production ? [...shipped, ...fences] : [...shipped, ...fences, ...tests, run];
  // The extension is nothing without what it reads later.
  const wanted = only?.flatMap((name) => (name === 'extension' ? [name, ...laterNames] : name));
  const all = wanted ? every.filter((options) => wanted.includes(nameOf(options))) : every;
  if (watch) {
    // `info` says when a build starts and finishes: editors wait for that.
    return Promise.all(all.map(async (options) => (await context({ ...options, logLevel: 'info' })).watch()));
  }
  const [first] = await Promise.all(all.map((options) => build({ ...options, metafile: metafile !== undefined })));
  if (metafile) fs.writeFileSync(metafile, JSON.stringify(first.metafile));
}

main().catch(() => process.exit(1));
