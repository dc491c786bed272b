import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import * as z from 'zod';
import manifest from '../../../package.json';
import { toolsOf } from '../../../src/agents/ui/agents';
import { registerAgents, TOOLS } from '../../../src/agents/ui/registering';
import type { AgentContext } from '../../../src/agents/ui/tool';

const { languageModelTools, chatSkills } = manifest.contributes;
const tools = toolsOf({ appState: () => ({}) } as unknown as AgentContext);

test('the manifest names each tool, and VS Code can offer it', () => {
  assert.deepEqual(
    languageModelTools.map(({ name }) => name),
    TOOLS.map((name) => `comfydeploy_${name}`),
  );
  assert.ok(languageModelTools.every(({ canBeReferencedInPrompt }) => canBeReferencedInPrompt));
});

for (const name of TOOLS)
  test(`the input of ${name} is what the manifest says`, () => {
    const declared = languageModelTools.find((one) => one.name === `comfydeploy_${name}`)?.inputSchema;
    const own = { ...z.toJSONSchema(tools[name].input, { io: 'input' }), $schema: undefined };
    const undescribed: unknown = JSON.parse(JSON.stringify(declared), (key, value: unknown) =>
      key === 'description' ? undefined : value,
    );
    assert.deepEqual(undescribed, JSON.parse(JSON.stringify(own)));
  });

test('an editor without tools for language models gets none', () => {
  assert.deepEqual(
    registerAgents(undefined, () => Promise.reject(new Error('not needed'))),
    [],
  );
});

test('the skill is named like its folder, and names only tools that exist', () => {
  for (const { path } of chatSkills) {
    const text = fs.readFileSync(path, 'utf8');
    const [, folder] = /skills\/(\w+)\/SKILL\.md$/.exec(path) ?? [];
    assert.match(text, new RegExp(`^---\nname: ${folder}\ndescription: .+\n---\n`));
    for (const [named] of text.matchAll(/comfydeploy_\w+/g))
      assert.ok(
        TOOLS.some((name) => named === `comfydeploy_${name}`),
        named,
      );
  }
});
