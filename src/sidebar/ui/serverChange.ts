import * as l10n from '@vscode/l10n';
import type { Prices } from '../../comfydeploy/model';
import { ownBilled, type Snapshot } from '../../sessions/snapshot';
import type { Settings } from '../../platform/ui/settings';
import { warn } from '../../platform/ui/shown';
import { hourlyOf } from '../burnText';

export interface ServerChangeInput {
  readonly snapshot: Snapshot;
  readonly prices: Prices | undefined;
}

export interface ServerChangeContext {
  readonly appState: () => ServerChangeInput;
  readonly settings: Pick<Settings, 'apiUrl' | 'setApiUrl'>;
  readonly report: (error: unknown) => void;
}

/** Warns, with a way back, when the setting of the server changes and sessions of the previous server run unwatched. */
export class ServerChange {
  #server: string | undefined;

  constructor(private readonly context: ServerChangeContext) {
    this.#server = this.#now;
  }

  /** Call it while the snapshot still describes the previous server. */
  readonly notice = (): void => {
    const [before, now] = [this.#server, this.#now];
    this.#server = now;
    if (before === undefined || before === now) return;
    const text = leftText(before, this.context.appState());
    if (text !== undefined) this.#announce(text, before).catch(this.context.report);
  };

  async #announce(text: string, before: string): Promise<void> {
    const back = l10n.t('Use {0} Again', hostOf(before));
    if ((await warn(text, back)) === back) await this.context.settings.setApiUrl(before);
  }

  /** Undefined while the setting contains no usable address. */
  get #now(): string | undefined {
    try {
      return this.context.settings.apiUrl();
    } catch {
      return undefined; // the view shows what is wrong with it
    }
  }
}

function leftText(server: string, { snapshot, prices }: ServerChangeInput): string | undefined {
  const sessions = ownBilled(snapshot);
  if (sessions.length === 0) return undefined;
  const { sum: cost, missing } = hourlyOf(sessions, prices);
  const setting = 'comfydeploy.apiUrl';
  const sentences =
    sessions.length === 1
      ? [oneText(hostOf(server), cost), l10n.t('Nothing watches it while {0} is set to another server.', setting)]
      : [
          manyText(sessions.length, hostOf(server), cost),
          l10n.t('Nothing watches them while {0} is set to another server.', setting),
        ];
  if (missing > 0) sentences.push(l10n.t('Not all prices are known.'));
  return sentences.join(' ');
}

function oneText(host: string, cost: string | undefined): string {
  return cost === undefined
    ? l10n.t('Your session on {0} keeps running and is billed.', host)
    : l10n.t('Your session on {0} keeps running and is billed, about {1}.', host, cost);
}

function manyText(count: number, host: string, cost: string | undefined): string {
  return cost === undefined
    ? l10n.t('Your {0} sessions on {1} keep running and are billed.', count, host)
    : l10n.t('Your {0} sessions on {1} keep running and are billed, about {2}.', count, host, cost);
}

function hostOf(server: string): string {
  return new URL(server).host;
}
