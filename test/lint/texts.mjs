/** User-facing texts go through `l10n.t`, as whole sentences that can be translated. */

/** Two words with a blank between them: excludes code, header names and paths. */
const WORDS = /\p{L}{2,}[,.;:…?)"'’”]*\s+[("'‘“]?(?:\p{L}|\{|$)/u;
const WORD = /^\p{Lu}\p{Ll}+(?:…|\.)?$/u;
/** Properties that are shown. */
const SHOWN =
  /^(title|label|description|detail|placeholder|placeHolder|prompt|tooltip|message|text|name|heading|body)$/;

/** Log lines stay English, so that anybody who helps can read them; so do texts for programmers only. */
const UNSEEN_CALLS = /^(debug|info|warn|error|trace)$/;
const LOGS = /(^|#|\.)(log|channel|logger)$/;
/** These log a failure once. */
const COMPLAINTS = /(^|#|\.)complaints$/;
/** Errors that we catch and at most log; `ApiError` and its subclasses are shown. */
const UNSEEN_ERRORS = [
  ...['Error', 'TypeError', 'RangeError', 'SyntaxError', 'DOMException'],
  ...['NotKnown', 'NeverEnded'],
];

const isMarking = ({ type, object, property }) =>
  type === 'MemberExpression' && object.type === 'Identifier' && object.name === 'l10n' && property.name === 't';

function isUnseenCall(node, source) {
  if (node.type === 'NewExpression') return UNSEEN_ERRORS.includes(node.callee.name);
  const { callee } = node;
  if (callee.type === 'Super') return UNSEEN_ERRORS.includes(classAround(node)?.superClass?.name);
  if (callee.type !== 'MemberExpression') return false;
  const [owner, method] = [source.getText(callee.object).replaceAll('?', ''), callee.property.name ?? ''];
  return COMPLAINTS.test(owner) || (UNSEEN_CALLS.test(method) && LOGS.test(owner));
}

function classAround(node) {
  let around = node.parent;
  while (around && !around.type.startsWith('Class')) around = around.parent;
  return around?.type === 'ClassBody' ? around.parent : around;
}

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];

/** Whether no user sees this text, or it is marked already. */
function isFine(node, source) {
  let child = node;
  for (let parent = node.parent; parent; child = parent, parent = parent.parent) {
    if (
      parent.type === 'CallExpression' &&
      parent.callee !== child &&
      (isMarking(parent.callee) || isUnseenCall(parent, source))
    )
      return true;
    if (parent.type === 'NewExpression' && parent.callee !== child && isUnseenCall(parent, source)) return true;
    if (parent.type === 'TaggedTemplateExpression') return true;
    if (
      /^TS.*Type|^Import|^ExportAll|^ExportNamed$|^SwitchCase$/.test(parent.type) &&
      parent.type !== 'ImportExpression'
    ) {
      return parent.type !== 'SwitchCase' || parent.test === child;
    }
    if (parent.type === 'BinaryExpression' && /^[!=]==?$/.test(parent.operator)) return true;
    if (parent.type === 'Property' && parent.key === child && !parent.computed) return true;
    if (FUNCTIONS.includes(parent.type)) return false;
  }
  return false;
}

function isShownProperty(node) {
  const { parent } = node;
  return parent.type === 'Property' && parent.value === node && SHOWN.test(parent.key.name ?? '');
}

const marked = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      unmarked: 'People see this: say it through l10n.t.',
      glued: 'A translation is of whole sentences: give l10n.t one literal, and what varies as {0}.',
      early: 'Too early: before the extension is activated there is no translation. Say it in a function.',
    },
  },
  create(context) {
    const source = context.sourceCode;
    const report = (node) => {
      if (!isFine(node, source)) context.report({ node, messageId: 'unmarked' });
    };
    return {
      Literal(node) {
        if (typeof node.value !== 'string') return;
        if (WORDS.test(node.value) || (WORD.test(node.value) && isShownProperty(node))) report(node);
      },
      TemplateLiteral(node) {
        const text = node.quasis.map(({ value }) => value.cooked).join('{}');
        if (WORDS.test(text)) report(node);
      },
      CallExpression(node) {
        if (!isMarking(node.callee)) return;
        const [first] = node.arguments;
        const message =
          first?.type === 'ObjectExpression'
            ? first.properties.find(({ key }) => key?.name === 'message')?.value
            : first;
        if (message?.type !== 'Literal' || typeof message.value !== 'string')
          context.report({ node, messageId: 'glued' });
        let up = node.parent;
        while (up && !FUNCTIONS.includes(up.type) && up.type !== 'PropertyDefinition') up = up.parent;
        if (!up) context.report({ node, messageId: 'early' });
      },
    };
  },
};

export const texts = { rules: { marked } };
