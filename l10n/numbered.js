// What a person reads, as it is built in: every text once, and the code names it by its number.
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const ENGLISH = path.join('l10n', 'bundle.l10n.json');
const textsIn = (file) => Object.entries(JSON.parse(fs.readFileSync(file, 'utf8')));
/** The English texts; a key may be longer, by the comment. */
const english = () => textsIn(ENGLISH).map(([, text]) => text.message ?? text);

/** The texts of each language, in the order of the English ones, which stand in for those that are missing. */
function textsByLanguage() {
  const all = [['en', english()]];
  for (const name of fs.readdirSync('l10n')) {
    const [, language] = /^bundle\.l10n\.(.+)\.json$/.exec(name) ?? [];
    if (!language) continue;
    const texts = new Map(textsIn(path.join('l10n', name)));
    all.push([language, textsIn(ENGLISH).map(([key], id) => texts.get(key) ?? all[0][1][id])]);
  }
  return all;
}

/** What stands for a text in code that is built, and for the list of the English ones: numbers follow at the end. */
const TEXT = /(["'`])l10n:(\d+)\1/g;
const EVERY_TEXT = 'L10N_ENGLISH';
/** What stands for them in what is packed: a number that is the next one, and that list, are written out as it is read. */
const NEXT = '\x01';
const EVERY = '\x02';

/**
 * The content of the packed file, which `platform/node/packed` describes. Texts are numbered as they first occur in the
 * code, so that most numbers need not stand there.
 * @param bundles the name and code of each
 */
function content(bundles) {
  const ids = new Map();
  const parts = bundles.map(([name, code]) => {
    if (/[\x01\x02]/.test(code)) throw new Error(`${name} contains what marks texts.`);
    const marked = code.replaceAll(EVERY_TEXT, EVERY).replace(TEXT, (_, quote, id) => {
      if (ids.has(id)) return ids.get(id);
      ids.set(id, ids.size);
      return NEXT;
    });
    return [name, marked];
  });
  const languages = textsByLanguage();
  for (const id of languages[0][1].keys()) if (!ids.has(`${id}`)) ids.set(`${id}`, ids.size);
  const lines = [...ids.keys()].flatMap((id) => languages.map(([, texts]) => texts[id]));
  if (lines.some((line) => /[\n\x01\x02]/.test(line))) throw new Error('A text is longer than a line.');
  const all = [['texts', lines.join('\n')], ...parts].map(([name, text]) => [name, Buffer.from(text)]);
  const index = all.map(([name, text]) => `${name}:${text.length}`).join(' ');
  const head = `${languages.map(([language]) => language).join(' ')}\n${index}\n`;
  return Buffer.concat([Buffer.from(head), ...all.map(([, text]) => text)]);
}

/** What `@vscode/l10n` does, for texts that are numbers. One that was not extracted yet is itself. */
const numberedL10n = () => `
  const english = ${EVERY_TEXT};
  let said = english;
  export function config({ contents }) {
    said = english.map((text, id) => contents[id] ?? text);
  }
  export function t(first, ...rest) {
    const { message, args } =
      typeof first === 'object' ? first : { message: first, args: typeof rest[0] === 'object' ? rest[0] : rest };
    return (said[message] ?? message).replace(/{([^}]+)}/g, (whole, name) => args?.[name] ?? whole);
  }`;

/**
 * In the later bundles a text is its number, and its comment nothing: each stands there once, in the same words in which
 * it stands before the translations, which costs next to nothing once it is packed.
 */
const numbered = {
  name: 'numbered',
  setup({ onResolve, onLoad }) {
    const LITERAL = String.raw`('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")`;
    const PLAIN = new RegExp(String.raw`\bl10n\.t\((\s*)${LITERAL}`, 'g');
    const EXPLAINED = new RegExp(String.raw`\bl10n\.t\(\{\s*message: ${LITERAL}([^]*?)comment: (\[[^\]]*\]),?`, 'g');
    const linesOf = (text) => text.replace(/[^\n]/g, '');
    onResolve({ filter: /^@vscode\/l10n$/ }, () => ({ path: 'l10n', namespace: 'numbered' }));
    onLoad({ filter: /^/, namespace: 'numbered' }, () => ({
      contents: numberedL10n(),
    }));
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path: file }) => {
      const code = fs.readFileSync(file, 'utf8');
      if (!code.includes('l10n.t(')) return undefined;
      const ids = new Map(textsIn(ENGLISH).map(([key], id) => [key, id]));
      const idOf = (literal, comment = '[]') => {
        const [text, words] = [literal, comment].map((each) => vm.runInNewContext(each));
        const id = ids.get(words.length === 0 ? text : `${text}/${words.join('')}`);
        return id === undefined ? literal : `'l10n:${id}'`;
      };
      const contents = code
        .replace(PLAIN, (_, space, literal) => `l10n.t(${space}${idOf(literal)}`)
        .replace(EXPLAINED, (all, literal, args, comment) => {
          const said = `l10n.t({ message: ${idOf(literal, comment)}${args}`;
          return said + linesOf(all).slice(linesOf(said).length);
        });
      return { contents, loader: 'ts', watchFiles: [path.resolve(ENGLISH)] };
    });
  },
};

module.exports = { numbered, content };
