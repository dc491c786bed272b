import * as z from 'zod/mini';
import type { RecentOutputs } from '../recentOutputs';
import { SessionId } from '../../comfydeploy/model';
import type { CommandHandlers } from '../../platform/ui/commands';
import type { OutputFiles } from './outputFiles';
import { busy } from '../../platform/ui/shown';

export interface OutputContext {
  readonly outputs: Pick<RecentOutputs, 'look'>;
  readonly outputFiles: Pick<OutputFiles, 'openOutput' | 'saveOutputAs'>;
}

const File = z.lazy(() => z.object({ filename: z.string(), subfolder: z.string(), type: z.string() }));
const FileRow = z.lazy(() => z.object({ kind: z.literal('output'), sessionId: SessionId, file: File }));
const Row = z.lazy(() => z.object({ sessionId: SessionId }));

/** Commands for the rows below a session. Without a row they do nothing. */
export function outputCommands({
  outputs,
  outputFiles,
}: OutputContext): Pick<CommandHandlers, 'openOutput' | 'saveOutput' | 'refreshOutputs'> {
  return {
    async openOutput(target) {
      const row = FileRow.safeParse(target).data;
      if (row) await outputFiles.openOutput(row.sessionId, row.file);
    },
    async saveOutput(target) {
      const row = FileRow.safeParse(target).data;
      if (row) await outputFiles.saveOutputAs(row.sessionId, row.file);
    },
    async refreshOutputs(target) {
      const row = Row.safeParse(target).data;
      if (!row) return;
      await busy('comfydeploy.sessions', () => outputs.look(row.sessionId));
    },
  };
}
