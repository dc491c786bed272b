import * as vscode from 'vscode';

export type RunTask = (definition: unknown, folder: vscode.Uri | undefined) => vscode.Pseudoterminal;

const TYPE = 'comfydeploy';

/** Tasks of `tasks.json` that queue a workflow; what runs them is loaded with the first of them. */
export function registerTasks(run: () => Promise<RunTask>): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(TYPE, {
    provideTasks: () => [],
    resolveTask({ definition, name, scope = vscode.TaskScope.Workspace }) {
      const folder = typeof scope === 'object' ? scope.uri : vscode.workspace.workspaceFolders?.[0]?.uri;
      const execution = new vscode.CustomExecution(async (resolved) => (await run())(resolved, folder));
      return new vscode.Task(definition, scope, name, TYPE, execution, `$${TYPE}`);
    },
  });
}

/** Links of the system to this extension. */
export function registerLinks(follow: (uri: vscode.Uri) => Promise<void>): vscode.Disposable {
  return vscode.window.registerUriHandler({ handleUri: follow });
}
