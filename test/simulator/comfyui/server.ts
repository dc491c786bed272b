import type { Faults } from './faults';
import type { Files } from './files';
import type { History } from './history';
import type { PageManners } from './page/page';
import type { PromptQueue } from './queue';
import type { Runner } from './runner';
import type { Sockets } from './sockets';
import type { Submissions } from './submissions';
import type { Userdata } from './userdata';

/** The parts of one server. */
export interface Server {
  readonly gpu: string;
  readonly now: () => number;
  readonly queue: PromptQueue;
  readonly history: History;
  readonly files: Files;
  readonly userdata: Userdata;
  readonly sockets: Sockets;
  readonly runner: Runner;
  readonly submissions: Submissions;
  readonly faults: Faults;
  readonly manners: PageManners;
}
