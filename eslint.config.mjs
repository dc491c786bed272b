import tseslint from 'typescript-eslint';
import { house } from './test/lint/rooms.mjs';
import { texts } from './test/lint/texts.mjs';

/** In Node 20, compiled, it refuses addresses with letters such as `ü`. */
const WRONG_ABOUT_URLS = { object: 'URL', property: 'canParse', message: 'Use parseUrl.' };

const NAMED = { selector: 'ExportDefaultDeclaration', message: 'Export by name.' };
/** A member that is added later would be taken for the other one, without a word from the compiler. */
const REASONS = {
  selector:
    'ConditionalExpression > BinaryExpression.test[right.type="Literal"]' +
    ':matches([left.name="why"], [left.property.name=/^(why|by)$/])',
  message: 'Meet a reason with an exhaustive switch, or a Record of its members.',
};
/** A schema costs a tenth of a millisecond and more, and most are not needed while VS Code starts. */
const LATE = {
  selector:
    ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator' +
    ' > CallExpression.init[callee.object.name="z"]:not([callee.property.name="lazy"])',
  message: 'Wrap it in z.lazy: schemas are built when first used.',
};

/** A reader of the root sees who gets what. */
const NO_BAGS = [
  {
    selector: 'ObjectExpression > SpreadElement > ObjectExpression.argument',
    message: 'Write its members among the others.',
  },
  {
    selector: ':matches(NewExpression, CallExpression) > ObjectExpression.arguments[properties.length>12]',
    message: 'More than twelve things at once: hand over what belongs together as one of them.',
  },
  {
    selector: 'NewExpression > ObjectExpression.arguments > SpreadElement ~ SpreadElement',
    message: 'Hand services over by name, or as one object each: nobody sees which of two bags they came from.',
  },
];

/** A body may never end, or be a thousand times what it was packed as. */
const BOUNDED = [
  'CallExpression[arguments.length=0] > MemberExpression.callee[property.name=/^(text|json|arrayBuffer|blob|formData|bytes)$/]',
  'CallExpression > MemberExpression.callee[property.name="getReader"]',
].map((selector) => ({ selector, message: 'Read it through platform/body.ts, which knows how much is enough.' }));

const THROUGH_SHOWN =
  'Show it through platform/ui/shown.ts: words of a server, a page or a file must not become links or icons.';
const SHOWS =
  '/^(show(Information|Warning|Error)Message|show(QuickPick|InputBox|SaveDialog|OpenDialog|WorkspaceFolderPick)' +
  '|create(QuickPick|InputBox|StatusBarItem|TreeView|WebviewPanel|Terminal)|withProgress|withScmProgress' +
  '|setStatusBarMessage|registerTreeDataProvider)$/';
/** What VS Code shows of the things that were made there. */
const TEXTS =
  '/^(title|placeholder|placeHolder|prompt|validationMessage|tooltip|message|badge|description|label|detail|text' +
  '|items|accessibilityInformation)$/';
/** Everything that is shown has one way out, which disarms it. */
const SHOWN = [
  `MemberExpression[property.name=${SHOWS}]`,
  `ObjectPattern > Property[key.name=${SHOWS}]`,
  'MemberExpression[computed=true] > MemberExpression.object[object.name="vscode"][property.name=/^(window|languages)$/]',
  'VariableDeclarator > MemberExpression.init[object.name="vscode"][property.name=/^(window|languages)$/]',
  'ImportDeclaration[source.value="vscode"] > ImportSpecifier',
  `AssignmentExpression > MemberExpression.left[property.name=${TEXTS}]`,
  'NewExpression[callee.property.name=/^(MarkdownString|TreeItem|Diagnostic|StatusBarItem|Hover|CodeLens|CompletionItem)$/]',
  'Property[key.name=/^(isTrusted|supportHtml|supportThemeIcons|enableCommandUris)$/]',
  'AssignmentExpression > MemberExpression.left[property.name=/^(isTrusted|supportHtml|supportThemeIcons)$/]',
].map((selector) => ({ selector, message: THROUGH_SHOWN }));

/** A namespace that is read as a value is bundled whole: 400 kB, with the words of forty languages. */
const WHOLE = {
  selector: 'MemberExpression[object.name="z"][property.name=/^(core|locales|regexes)$/]',
  message: 'Import it by name from zod/v4/core.',
};

/** Rooms whose texts are marked. */
const MARKED = [
  ...['platform', 'comfydeploy', 'comfyui', 'accounts', 'sessions', 'windows', 'activity', 'spending', 'logs'],
  ...['outputs', 'page', 'workflows', 'library', 'picture', 'gallery', 'guardian', 'sidebar', 'agents'],
];

export default tseslint.config(
  { ignores: ['dist/**', '.vscode-test/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off', // `return panel.reveal();` as an early exit reads well
      'no-warning-comments': ['error', { terms: ['prettier-ignore'], location: 'anywhere' }], // it hides long lines from the limits
      'no-restricted-syntax': ['error', NAMED],
    },
  },
  {
    files: ['src/extension.ts', 'src/house.ts'],
    languageOptions: { parserOptions: { projectService: false, project: 'src/platform/node/tsconfig.json' } },
  },
  {
    // Parse instead of casting: see docs/architecture.md.
    files: ['src/**/*.ts'],
    plugins: { house },
    rules: {
      'house/floors': 'error',
      'no-restricted-syntax': ['error', NAMED, LATE, REASONS, WHOLE, ...NO_BAGS, ...BOUNDED],
      'no-restricted-properties': ['error', WRONG_ABOUT_URLS],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 45, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/*.ts', 'src/*/ui/**/*.ts', 'src/platform/node/**/*.ts'],
    ignores: ['src/platform/ui/shown.ts', 'src/platform/ui/shownInFiles.ts'],
    rules: { 'no-restricted-syntax': ['error', NAMED, LATE, REASONS, WHOLE, ...NO_BAGS, ...BOUNDED, ...SHOWN] },
  },
  {
    // What people read is marked for translation, in the rooms where that is done.
    files: ['src/*.ts', ...MARKED.map((room) => `src/${room}/**/*.ts`)],
    plugins: { texts },
    rules: { 'texts/marked': 'error' },
  },
  {
    // These are the ones that read bodies.
    files: ['src/platform/body.ts', 'src/outputs/download.ts'],
    rules: { 'no-restricted-syntax': ['error', NAMED, LATE, REASONS, WHOLE, ...NO_BAGS] },
  },
  {
    // Plain files know neither VS Code nor Node nor the wall clock.
    files: ['src/*/*.ts'],
    ignores: ['src/platform/clock.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['vscode', 'node:*'] }],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'performance'],
      'no-restricted-properties': [
        'error',
        WRONG_ABOUT_URLS,
        { object: 'Date', property: 'now', message: 'Ask the Clock.' },
      ],
    },
  },
  {
    // node:test registers tests by calls whose promises the runner itself awaits.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'it', 'suite', 'describe'], package: 'node:test' },
          ],
        },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off', // recorded answers are JSON of any shape
      '@typescript-eslint/no-unsafe-member-access': 'off', // the same
      '@typescript-eslint/require-await': 'off', // fakes keep the asynchronous shape of what they stand for
    },
  },
  {
    // Examples are over in seconds: what tries many inputs has a stage of its own.
    files: ['test/unit/**/*.test.ts'],
    ignores: ['test/unit/**/*.property.test.ts', 'test/unit/**/*.limits.test.ts'],
    rules: {
      'no-restricted-imports': ['error', { name: 'fast-check', message: 'Put it into a .property.test.ts file.' }],
    },
  },
  {
    // Stand-ins are not made by VS Code's own constructors and enums: that is what they are for.
    files: ['test/fakes/vscode.ts', 'test/fakes/vscode/**/*.ts', 'test/ui/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
    },
  },
);
