import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Files, Journal } from '../journal';
import { filesIn } from './journalFile';
import { makeRoot } from './linkless';

// Editors have storages of their own, and one user: what they must know of each other lies in a folder of the user's.

const NAME = 'comfydeploy-sessions';
/** Accounts share these, and whatever an editor wrote before there was a folder for all counts on. */
const CARRIED_OVER = ['intents.jsonl', 'history.jsonl'];

/** Where this user's programs keep such things, on the computer on which the extension runs. */
export function commonPlace(platform = process.platform, env = process.env, home = os.homedir()): string {
  const { LOCALAPPDATA: local, XDG_STATE_HOME: state = '' } = env;
  if (platform === 'win32') return path.win32.join(local ?? path.win32.join(home, 'AppData', 'Local'), NAME);
  // eslint-disable-next-line texts/marked -- a folder of the system's
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Application Support', NAME);
  return path.posix.join(state.startsWith('/') ? state : path.posix.join(home, '.local', 'state'), NAME);
}

/** Files that all editors of the user share; an editor's own ones where there is no place that is the user's alone. */
export async function commonFiles(own: Files, folder = commonPlace()): Promise<Files> {
  try {
    await makeRoot(path.dirname(folder));
    await fs.mkdir(folder, { mode: 0o700 }).catch(() => undefined); // it may be there: see below
    if (!(await isOurs(folder))) return own;
    const common = filesIn(folder);
    for (const name of CARRIED_OVER) await carryOver(own(name), common(name));
    return common;
  } catch {
    return own; // a disk that is read-only, or full: each editor is by itself, as if it were the only one
  }
}

/** A folder, no link to one, and nobody else can put anything into it, or read what is there. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await fs.lstat(folder);
  const isPrivate = process.platform === 'win32' || (found.uid === os.userInfo().uid && (found.mode & 0o077) === 0);
  return found.isDirectory() && isPrivate;
}

/** Lines that are there twice after a crash count once, or say the same. */
async function carryOver(from: Journal, to: Journal): Promise<void> {
  if ((await from.read()) === '') return;
  await from.exclusively(async () => {
    const text = await from.read();
    if (text === '') return;
    await to.exclusively(async () => to.replace([await to.read(), text].filter(Boolean).join('\n')));
    await from.replace('');
  });
}
