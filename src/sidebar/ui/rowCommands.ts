import { sleep, type Clock } from '../../platform/clock';
import { run, type CommandHandlers, type CommandName } from '../../platform/ui/commands';
import type { TreeNode } from './sessionTree';

export interface RowContext {
  /** The selected row. VS Code updates it before it runs the command of the click. */
  readonly selected: () => TreeNode | undefined;
}

/**
 * While VS Code (1.139, `extHostTreeViews`) fetches all rows again, it knows none of them, not even the selected one.
 */
const REDRAWN_MS = 50;
const ATTEMPTS = 40;

/** What a click on a row does. */
export function rowCommands({ selected }: RowContext, clock: Clock): Pick<CommandHandlers, 'openRow'> {
  return {
    async openRow() {
      let row = selected();
      for (let attempt = 1; !row && attempt < ATTEMPTS; attempt++) {
        await sleep(clock, REDRAWN_MS);
        row = selected();
      }
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
