import type { Settings } from '../vscode/codeServer';

/** A VS Code a person is working in. */
export interface Editor {
  /** Settles when the person has closed it, rejects when it could not be started. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export interface EditorOptions {
  /** The folder it opens. */
  readonly workspace: string;
  /** A temporary folder for everything this VS Code writes. */
  readonly folder: string;
  readonly settings: Settings;
  /** Environment of the extension host. */
  readonly env: NodeJS.ProcessEnv;
}

export type Progress = (line: string) => void;
