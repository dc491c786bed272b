import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Files, Journal } from '../journal';
import { filesIn } from './journalFile';
import { makeRoot } from './linkless';

// Each editor has its own storage, but all belong to one user: what they need to know of each other is in a folder of
// the user's.

const NAME = 'comfydeploy-sessions';
/** Accounts share these files, and what an editor wrote before the common folder existed is copied. */
const CARRIED_OVER = ['intents.jsonl', 'history.jsonl'];

/** The user's folder for application data, on the computer where the extension runs. */
export function commonPlace(platform = process.platform, env = process.env, home = os.homedir()): string {
  const { LOCALAPPDATA: local, XDG_STATE_HOME: state = '' } = env;
  if (platform === 'win32') return path.win32.join(local ?? path.win32.join(home, 'AppData', 'Local'), NAME);
  // eslint-disable-next-line texts/marked -- a folder of the system's
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Application Support', NAME);
  return path.posix.join(state.startsWith('/') ? state : path.posix.join(home, '.local', 'state'), NAME);
}

/**
 * Files that all editors of the user share; the editor's own files if there is no folder that only the user can access.
 */
export async function commonFiles(own: Files, folder = commonPlace()): Promise<Files> {
  try {
    await makeRoot(path.dirname(folder));
    await fs.mkdir(folder, { mode: 0o700 }).catch(() => undefined); // it may exist: see below
    if (!(await isOurs(folder))) return own;
    const common = filesIn(folder);
    for (const name of CARRIED_OVER) await carryOver(own(name), common(name));
    return common;
  } catch {
    return own; // a read-only or full disk: each editor works on its own, as if it were the only one
  }
}

/** A folder, not a link, that nobody else can read or write. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await fs.lstat(folder);
  const isPrivate = process.platform === 'win32' || (found.uid === os.userInfo().uid && (found.mode & 0o077) === 0);
  return found.isDirectory() && isPrivate;
}

/** Lines that are copied twice because of a crash count once, or mean the same. */
async function carryOver(from: Journal, to: Journal): Promise<void> {
  if ((await from.read()) === '') return;
  await from.exclusively(async () => {
    const text = await from.read();
    if (text === '') return;
    await to.exclusively(async () => to.replace([await to.read(), text].filter(Boolean).join('\n')));
    await from.replace('');
  });
}
