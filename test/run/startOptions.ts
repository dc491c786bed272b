import { parseArgs } from 'node:util';
import * as z from 'zod';
import type { Preset } from '../vscode/codeServerInstall';

export const HELP = `npm start -- [options]

Opens a real VS Code with this extension, signed in to a simulated ComfyDeploy.

  --desktop         the desktop VS Code: an installed one, or one downloaded now
  --browser         VS Code in a browser, served on this machine
  --vscode <path>   this desktop VS Code (or VSCodium, Cursor, ...)
  --newest          a current VS Code, not the installed one
  --oldest          the oldest VS Code the extension supports
  --world <name>    what the simulator knows at first: demo (default) or empty
  --signed-out      start without a key, to try signing in
  --port <number>   where --browser listens; a free port by default
  --no-open         print the address of --browser, do not open it
  --help            this text

Without a choice, it is the desktop where there is a screen and a desktop VS Code to be had, else the browser.
Ctrl+C ends VS Code and the simulator. Several can run side by side.
`;

export interface StartOptions {
  readonly where: 'desktop' | 'browser' | 'either';
  /** The executable to use, instead of looking for one. */
  readonly vscode: string | undefined;
  /** `undefined` leaves the choice open: an installed VS Code will do as well as a downloaded one. */
  readonly preset: Preset | undefined;
  readonly world: 'demo' | 'empty';
  readonly signedIn: boolean;
  readonly port: number | undefined;
  readonly open: boolean;
}

const World = z.enum(['demo', 'empty']);
const Port = z.coerce.number().int().min(1).max(65_535);

/** `help` when asked for it. Throws, in words for the person at the terminal, for options that make no sense. */
export function parseStartOptions(args: readonly string[]): StartOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      desktop: { type: 'boolean', default: false },
      browser: { type: 'boolean', default: false },
      vscode: { type: 'string' },
      newest: { type: 'boolean', default: false },
      oldest: { type: 'boolean', default: false },
      world: { type: 'string', default: 'demo' },
      'signed-out': { type: 'boolean', default: false },
      port: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.browser && (values.desktop || values.vscode)) throw new Error('Choose either --browser or a desktop.');
  if (values.newest && values.oldest) throw new Error('Choose either --newest or --oldest.');
  const world = World.safeParse(values.world);
  if (!world.success) throw new Error('--world is demo or empty.');
  const port = Port.optional().safeParse(values.port);
  if (!port.success) throw new Error('--port is a number from 1 to 65535.');
  return {
    where: whereOf(values),
    vscode: values.vscode,
    preset: presetOf(values),
    world: world.data,
    signedIn: !values['signed-out'],
    port: port.data,
    open: !values['no-open'],
  };
}

function whereOf(values: { desktop: boolean; browser: boolean; vscode?: string }): StartOptions['where'] {
  if (values.browser) return 'browser';
  return values.desktop || values.vscode !== undefined ? 'desktop' : 'either';
}

function presetOf({ newest, oldest }: { newest: boolean; oldest: boolean }): Preset | undefined {
  if (oldest) return 'oldest';
  return newest ? 'newest' : undefined;
}
