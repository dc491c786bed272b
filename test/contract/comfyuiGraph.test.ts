import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import { objectInfo } from '../simulator/comfyui/nodes';
import { defaultPrompt, defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';
import source from '../simulator/comfyui/page/graph.mjs' with { type: 'text' };

type Graph = Readonly<Record<string, unknown>>;

interface GraphModule {
  readonly opened: (data: unknown, defaultGraph: Graph) => Graph;
  readonly toPrompt: (graph: Graph, infos: Graph) => unknown;
  readonly removeNode: (graph: Graph, node: unknown) => void;
}

const node = z.object({ class_type: z.string(), inputs: z.record(z.string(), z.unknown()) });
const promptShape = z.record(z.string(), node);
const graphShape = z.object({ nodes: z.array(z.looseObject({ id: z.number() })), links: z.array(z.unknown()) });

test('Workflows in the page of ComfyUI', async (t) => {
  const page = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as GraphModule;

  await t.test('the graph a page opens with is the prompt that a job runs', () => {
    const prompt = promptShape.parse(page.toPrompt(defaultWorkflow, objectInfo()));
    const job = promptShape.parse(defaultPrompt(156_680_208));
    const withoutText = ({ class_type, inputs }: z.infer<typeof node>) => ({
      class_type,
      inputs: { ...inputs, text: '' },
    });
    for (const [id, each] of Object.entries(job)) {
      assert.deepEqual(withoutText(prompt[id] ?? each), withoutText(each), `node ${id}`);
    }
    assert.deepEqual(Object.keys(prompt), Object.keys(job));
  });

  await t.test('only a graph opens as it is: text opens the default, API format an empty canvas', () => {
    const nodes = (data: unknown) => graphShape.parse(page.opened(data, defaultWorkflow)).nodes.length;
    assert.equal(nodes({ nodes: [{ id: 1 }], links: [] }), 1);
    assert.equal(nodes(JSON.stringify(defaultWorkflow)), graphShape.parse(defaultWorkflow).nodes.length);
    assert.equal(nodes(defaultPrompt(1)), 0);
  });

  await t.test('a node that is removed takes its wires with it', () => {
    const graph = page.opened(defaultWorkflow, defaultWorkflow);
    const sampler = graphShape.parse(graph).nodes.findIndex(({ id }) => id === 3);
    page.removeNode(graph, (graph['nodes'] as readonly unknown[])[sampler]);

    const prompt = promptShape.parse(page.toPrompt(graph, objectInfo()));
    assert.deepEqual(prompt['8']?.inputs, { vae: ['4', 2] });
    assert.equal(graphShape.parse(graph).links.length, graphShape.parse(defaultWorkflow).links.length - 5);
  });
});
