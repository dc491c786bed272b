import * as vscode from 'vscode';

/** As the manifest names them, after `comfydeploy_`. */
export const TOOLS = ['list', 'spending', 'start', 'extend', 'end', 'check', 'queue', 'outputs'] as const;
export type ToolName = (typeof TOOLS)[number];

export interface Agents {
  invoke(name: ToolName, input: unknown, token: vscode.CancellationToken): Promise<vscode.LanguageModelToolResult>;
  prepare(name: ToolName, input: unknown): Promise<vscode.PreparedToolInvocation | undefined>;
}

/** Other editors than VS Code may lack it. */
type Older = Partial<typeof vscode.lm> | undefined;

/** Tools for agents; what carries them out is loaded with the first call. */
export function registerAgents(lm: Older, agents: () => Promise<Agents>): readonly vscode.Disposable[] {
  if (!lm?.registerTool) return [];
  return TOOLS.map((name) =>
    vscode.lm.registerTool(`comfydeploy_${name}`, {
      invoke: async ({ input }, token) => (await agents()).invoke(name, input, token),
      prepareInvocation: async ({ input }) => (await agents()).prepare(name, input),
    }),
  );
}
