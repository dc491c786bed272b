import { run, type CommandHandlers, type CommandName } from '../../platform/ui/commands';
import type { TreeNode } from './sessionTree';

export interface RowContext {
  /** VS Code shows the selection before it runs the command of the click that made it. */
  readonly selected: () => TreeNode | undefined;
}

/** What a click on a row does. */
export function rowCommands({ selected }: RowContext): Pick<CommandHandlers, 'openRow'> {
  return {
    async openRow() {
      const row = selected();
      const command = row && commandOf(row);
      if (command !== undefined) await run(command, row);
    },
  };
}

function commandOf({ kind }: TreeNode): CommandName | undefined {
  if (kind === 'output') return 'openOutput';
  if (kind === 'noOutputs') return 'refreshOutputs';
  return kind === 'session' ? 'openSession' : undefined;
}
