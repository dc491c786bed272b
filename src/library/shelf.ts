import type { KeptWorkflow, Version, WorkflowId } from '../comfydeploy/library';
import type { LibraryClient } from '../comfydeploy/libraryClient';
import type { MachineId } from '../comfydeploy/model';
import type { Rows } from '../comfydeploy/rowReading';
import type { Clock } from '../platform/clock';
import { Emitter, type Disposable } from '../platform/emitter';
import { toApiError, type ApiError } from '../platform/errors';
import type { KeptVersions } from './keptVersions';

/** A version without its graphs. */
export type VersionRow = Omit<Version, 'graph' | 'prompt'>;

export interface Filter {
  /** A part of the name. */
  readonly search?: string;
  readonly machineId?: MachineId;
}

/** What is known of a list. */
export interface Listed<T> {
  readonly rows: readonly T[];
  readonly hasMore: boolean;
  /** Why the last reading failed. */
  readonly problem: ApiError | undefined;
  /** The last reading that succeeded, local clock, ms. */
  readonly asOf: number | undefined;
  /** The last reading. */
  readonly triedAt: number;
  /** How many the server has sent. */
  readonly sent: number;
  /** How many of them could not be read. */
  readonly unread: number;
}

const NOTHING = { rows: [], hasMore: false, asOf: undefined, sent: 0, unread: 0 } as const;
const PAGE = 50;
/** Each of them contains whole graphs. */
const VERSIONS = 5;

interface ShelfOptions {
  readonly library: Pick<LibraryClient, 'list' | 'versions'>;
  readonly kept: Pick<KeptVersions, 'keepGraph'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** The workflows that ComfyDeploy keeps, as far as somebody has looked at them. Asks only when it is told to. */
export class Shelf implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #filter: Filter = {};
  #count = PAGE;
  #list: Listed<KeptWorkflow> | undefined;
  readonly #versions = new Map<WorkflowId, Listed<VersionRow> & Pick<KeptWorkflow, 'updatedAt'>>();
  /** The requests under way: for a workflow's versions, or for the list. */
  readonly #reading = new Map<WorkflowId | 'list', AbortController>();

  constructor(private readonly options: ShelfOptions) {}

  get filter(): Filter {
    return this.#filter;
  }

  /** Undefined until it was first read. */
  get list(): Listed<KeptWorkflow> | undefined {
    return this.#list;
  }

  isReading(what: WorkflowId | 'list'): boolean {
    return this.#reading.has(what);
  }

  /**
   * Reads everything that was shown again, as one list, so that nothing is shown twice or left out. Versions that could
   * not be requested are requested again when they are looked at. @param isAsked by the user: unreadable ones, too.
   */
  async read(isAsked = false): Promise<void> {
    const { library, clock } = this.options;
    for (const [id, known] of this.#versions)
      if (known.problem || (isAsked && known.unread > 0)) this.#versions.set(id, { ...known, updatedAt: NaN });
    const limit = this.#count;
    const request = (signal: AbortSignal) => library.list({ ...this.#filter, offset: 0, limit }, signal);
    const before = this.#list ?? NOTHING;
    await this.#ask('list', request, (answer) => {
      const triedAt = clock.now();
      this.#list = 'problem' in answer ? { ...before, ...answer, triedAt } : listed(answer, limit, triedAt);
    });
  }

  async more(): Promise<void> {
    this.#count += PAGE;
    await this.read();
  }

  async choose(filter: Filter): Promise<void> {
    this.#filter = filter;
    this.#count = PAGE;
    this.#list = undefined;
    await this.read();
  }

  /** What is known of the versions, even if they have changed since. */
  versionsOf({ id }: KeptWorkflow): Listed<VersionRow> | undefined {
    return this.#versions.get(id);
  }

  /** Reads the newest versions, unless they are known. @param isAsked by the user: again what could not be read. */
  async open(workflow: KeptWorkflow, isAsked = false): Promise<void> {
    const known = this.#versions.get(workflow.id);
    const isKnown = known && known.updatedAt === workflow.updatedAt;
    if (this.isReading(workflow.id) || (isKnown && !(isAsked && (known.problem || known.unread > 0)))) return;
    await this.#readVersions(workflow, undefined);
  }

  async moreVersions(workflow: KeptWorkflow): Promise<void> {
    const known = this.versionsOf(workflow);
    await this.#readVersions(workflow, known?.hasMore ? known : undefined);
  }

  /** Nobody looks at it any more. */
  close(what: WorkflowId | 'list'): void {
    this.#reading.get(what)?.abort();
    this.#reading.delete(what);
  }

  /** What is shown has aged. */
  redraw(): void {
    this.#changed.fire();
  }

  closeAll(): void {
    for (const what of this.#reading.keys()) this.close(what);
  }

  /** Another account is in use. */
  reset(): void {
    this.closeAll();
    this.#list = undefined;
    this.#filter = {};
    this.#versions.clear();
    this.#changed.fire();
  }

  dispose(): void {
    this.closeAll();
    this.#changed.dispose();
  }

  /** @param above versions that are shown already. */
  async #readVersions({ id, updatedAt }: KeptWorkflow, above: Listed<VersionRow> | undefined): Promise<void> {
    const { library, clock } = this.options;
    const request = (signal: AbortSignal) =>
      library.versions(id, { offset: above?.sent ?? 0, limit: VERSIONS }, signal);
    const before = this.#versions.get(id) ?? NOTHING;
    await this.#ask(id, request, (answer) => {
      const triedAt = clock.now();
      if ('problem' in answer) return void this.#versions.set(id, { ...before, ...answer, triedAt, updatedAt });
      const page = listed(answer, VERSIONS, triedAt);
      const { rows = [], sent = 0, unread = 0 } = above ?? {};
      // A version saved meanwhile moves the others to the next page.
      const rest = page.rows.filter((row) => !rows.some((known) => known.id === row.id));
      const counts = { sent: sent + page.sent, unread: unread + page.unread };
      this.#versions.set(id, { ...page, ...counts, rows: [...rows, ...rest.map(withoutGraphs)], updatedAt });
      void this.#keep(page.rows);
    });
  }

  /** The newest is kept longest. */
  async #keep(versions: readonly Version[]): Promise<void> {
    try {
      for (const version of versions.toReversed()) await this.options.kept.keepGraph(version);
    } catch {
      // They can be requested again.
    }
  }

  async #ask<T>(
    what: WorkflowId | 'list',
    request: (signal: AbortSignal) => Promise<Rows<T>>,
    take: (answer: Rows<T> | { readonly problem: ApiError }) => void,
  ): Promise<void> {
    this.close(what);
    const controller = new AbortController();
    this.#reading.set(what, controller);
    this.#changed.fire();
    const answer = await request(controller.signal).catch((error: unknown) => ({ problem: toApiError(error) }));
    if (this.#reading.get(what) !== controller) return;
    this.#reading.delete(what);
    take(answer);
    this.#changed.fire();
  }
}

/** A row that cannot be read counts: there may be more after it. */
function listed<T>({ rows, skipped }: Rows<T>, limit: number, asOf: number): Listed<T> {
  const [sent, unread] = [rows.length + skipped.length, skipped.length];
  return { rows, hasMore: sent >= limit, problem: undefined, asOf, triedAt: asOf, sent, unread };
}

function withoutGraphs({ id, number, comment, userId, machineId, createdAt }: Version): VersionRow {
  return { id, number, comment, userId, machineId, createdAt };
}
