import assert from 'node:assert/strict';
import test from 'node:test';
import { CheckedNodes } from '../../src/workflows/checkedNodes';
import { checkPrompt } from '../fakes/checks';
import type { Finding, Wrong } from '../../src/workflows/findings';
import { startComfyUi } from '../simulator/comfyui/comfyUi';
import { CHECKPOINTS, objectInfo, type InputSpec } from '../simulator/comfyui/nodes';
import { validate, type ClassOf } from '../simulator/comfyui/validate';
import { OBJECT_INFO, PAIRS } from '../unit/workflows/pairs';
import { recordedPairs } from './comfyuiRecording';

interface Verdict {
  readonly error?: { readonly type: string };
  readonly node_errors: Readonly<
    Record<string, { readonly errors: readonly { type: string; extra_info: { input_name?: string } }[] }>
  >;
}

/** ComfyUI's name for it. */
const TYPES: Readonly<Partial<Record<Wrong['kind'], string>>> = {
  missing: 'required_input_missing',
  notInList: 'value_not_in_list',
  noFile: 'value_not_in_list',
  notANumber: 'invalid_input_type',
  tooSmall: 'value_smaller_than_min',
  tooLarge: 'value_bigger_than_max',
  badLink: 'bad_linked_input',
  mismatch: 'return_type_mismatch',
};

/** `3 seed value_smaller_than_min`; of an exception only the node. */
function saidBy({ node_errors }: Verdict): readonly string[] {
  return Object.entries(node_errors)
    .flatMap(([id, { errors }]) => errors.map(({ type, extra_info }) => [id, extra_info.input_name, type].join(' ')))
    .sort();
}

function saidByUs(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ nodeId, input, wrong }) => [nodeId, input, TYPES[wrong.kind] ?? wrong.kind].join(' ')).sort();
}

const CHECKED = new CheckedNodes(OBJECT_INFO);
const refusals = recordedPairs.filter(
  ([, { request, answer }]) =>
    request.path === '/prompt' && /"errors"|invalid_prompt|no_outputs/.test(JSON.stringify(answer.json ?? '')),
);

test('A check says what ComfyUI would say', async (t) => {
  await t.test('of what was recorded', async (t) => {
    const comfyUi = await startComfyUi({ gpu: 'CPU' });
    t.after(() => comfyUi.close());
    assert.ok(refusals.length >= 5);
    for (const [name, { request, answer }] of refusals) {
      const recorded = answer.json as Verdict;
      const body = JSON.stringify(request.body);
      const ours = (await (await fetch(`${comfyUi.url}/prompt`, { method: 'POST', body })).json()) as Verdict;
      const inWords = (verdict: unknown) =>
        JSON.stringify(verdict)
          .replaceAll(JSON.stringify(CHECKPOINTS), '[]')
          .replace(/not in \[.*?\]/g, 'not in []');
      assert.equal(inWords(ordered(ours)), inWords(ordered(recorded)), name);

      const { prompt } = request.body as { prompt: Parameters<typeof checkPrompt>[0] };
      const findings = checkPrompt(prompt, new CheckedNodes(objectInfo()));
      if (Object.keys(recorded.node_errors).length > 0) assert.deepEqual(saidByUs(findings), saidBy(recorded), name);
      else {
        assert.equal(findings.length, 1, name);
        assert.equal(findings[0]?.wrong.kind, recorded.error?.type === 'prompt_no_outputs' ? 'noOutputs' : 'unknown');
      }
    }
  });

  await t.test('of every prompt of the page with every value of it changed', () => {
    let [agreed, refused] = [0, 0];
    for (const [name, { prompt }] of PAIRS) {
      const types = Object.values(prompt).map(({ class_type }) => class_type);
      // LoadImage checks its file in its own code
      if (types.includes(undefined) || types.includes('LoadImage')) continue;
      for (const [change, changed] of changesOf(prompt as Prompt)) {
        const verdict = validate(changed, undefined, CLASS_OF);
        const { nodeErrors } = verdict;
        const findings = checkPrompt(changed, CHECKED).filter(({ wrong }) => wrong.kind !== 'paid');
        const where = `${name}: ${change}`;
        if (verdict.kind === 'refused' && verdict.error.type !== 'prompt_outputs_failed_validation') {
          const kind = verdict.error.type === 'prompt_no_outputs' ? 'noOutputs' : 'unknown';
          assert.ok(
            findings.some(({ wrong }) => wrong.kind === kind),
            where,
          );
          continue;
        }
        const said = saidBy({ node_errors: nodeErrors });
        const own = saidByUs(findings);
        const kinds = new Set(said.map((one) => one.split(' ')[2] ?? ''));
        if (kinds.has('dependency_cycle'))
          assert.ok(
            own.some((one) => one.endsWith(' circle')),
            where,
          );
        for (const one of said.filter((each) => /exception_during/.test(each)))
          assert.ok(
            own.some((each) => each.startsWith(`${one.split(' ')[0]} `) && each.endsWith(' noOrigin')),
            where,
          );
        if (![...kinds].some((kind) => /cycle|exception/.test(kind))) assert.deepEqual(own, said, where);
        agreed++;
        refused += Math.sign(said.length);
      }
    }
    assert.ok(agreed > 1_000 && refused > 500, `${agreed} and ${refused}`);
  });
});

/** Sorts the errors of a node by input: a server checks them in no fixed order. */
function ordered({ node_errors, ...answer }: Verdict): unknown {
  const nodes = Object.entries(node_errors).map(([id, node]) => {
    const errors = node.errors.toSorted((a, b) =>
      JSON.stringify(a.extra_info) < JSON.stringify(b.extra_info) ? -1 : 1,
    );
    return [id, { ...node, errors }];
  });
  const own: Record<string, unknown> = { ...answer, node_errors: Object.fromEntries(nodes) };
  delete own['prompt_id'];
  delete own['number'];
  return own;
}

type Prompt = Readonly<
  Record<string, { readonly class_type: string; readonly inputs: Readonly<Record<string, unknown>> }>
>;

const VALUES = [
  undefined,
  null,
  '',
  'x',
  '12',
  ' 7_0 ',
  '1.5',
  -1,
  0,
  0.5,
  1e300,
  true,
  {},
  { __value__: ['a'] },
  { __value__: 3 },
];

function* changesOf(prompt: Prompt): Generator<readonly [what: string, Prompt]> {
  const ids = Object.keys(prompt);
  const links = [
    [],
    ['1'],
    ['nowhere', 0],
    [1, 0],
    ...ids.flatMap((id) => [
      [id, 0],
      [id, 1],
      [id, 9],
      [id, -1],
    ]),
  ];
  for (const id of ids) {
    const node = prompt[id]!;
    for (const name of [...Object.keys(node.inputs), 'another'])
      for (const value of [...VALUES, ...links]) {
        const others = Object.fromEntries(Object.entries(node.inputs).filter(([key]) => key !== name));
        const inputs = value === undefined ? others : { ...node.inputs, [name]: value };
        yield [`${id} ${name} ${JSON.stringify(value)}`, { ...prompt, [id]: { ...node, inputs } }];
      }
    yield [`${id} is Nobody`, { ...prompt, [id]: { ...node, class_type: 'Nobody' } }];
  }
}

const CLASS_OF: ClassOf = (name) => {
  const info = OBJECT_INFO[name] as
    { input: { required?: Inputs; optional?: Inputs }; output: string[]; output_node?: boolean } | undefined;
  if (!info) return undefined;
  const { required = {}, optional = {} } = info.input;
  return { required, optional, outputs: info.output, isOutput: info.output_node === true };
};
type Inputs = Record<string, InputSpec>;
