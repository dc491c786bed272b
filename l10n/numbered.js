// What a person reads, as it is built in: every text once, and the code names it by its number.
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const ENGLISH = path.join('l10n', 'bundle.l10n.json');
const textsIn = (file) => Object.entries(JSON.parse(fs.readFileSync(file, 'utf8')));
/** The English texts; a key may be longer, by the comment. */
const english = () => textsIn(ENGLISH).map(([, text]) => text.message ?? text);

/** Every translation in one line: the English texts, and those of each language in their order. */
function translations() {
  const all = { en: english() };
  for (const name of fs.readdirSync('l10n')) {
    const [, language] = /^bundle\.l10n\.(.+)\.json$/.exec(name) ?? [];
    if (!language) continue;
    const texts = new Map(textsIn(path.join('l10n', name)));
    all[language] = textsIn(ENGLISH).map(([key]) => texts.get(key) ?? null);
  }
  return JSON.stringify(all);
}

/** What `@vscode/l10n` does, for texts that are numbers. One that was not extracted yet is itself. */
const numberedL10n = () => `
  const english = ${JSON.stringify(english())};
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
      watchFiles: [path.resolve(ENGLISH)],
    }));
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path: file }) => {
      const code = fs.readFileSync(file, 'utf8');
      if (!code.includes('l10n.t(')) return undefined;
      const ids = new Map(textsIn(ENGLISH).map(([key], id) => [key, id]));
      const idOf = (literal, comment = '[]') => {
        const [text, words] = [literal, comment].map((each) => vm.runInNewContext(each));
        return ids.get(words.length === 0 ? text : `${text}/${words.join('')}`) ?? literal;
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

module.exports = { numbered, translations };
