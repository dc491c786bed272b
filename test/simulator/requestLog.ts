export interface RequestRecord {
  readonly at: number;
  readonly method: string;
  /** Without the query, whose values may be keys. */
  readonly path: string;
  readonly query: readonly string[];
  /** Absent while the request is being answered, and for good when the connection was cut. */
  readonly status?: number;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** The requests of clients, in the order they came. */
export class RequestLog {
  #records: RequestRecord[] = [];

  get records(): readonly RequestRecord[] {
    return this.#records;
  }

  /** Call the result with the status of the answer. */
  add(request: RequestRecord): (status: number) => void {
    const index = this.#records.push(request) - 1;
    const records = this.#records;
    return (status) => {
      records[index] = { ...request, status };
    };
  }

  /** How often each was asked, as `GET /api/session/:id`. */
  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { method, path } of this.#records) {
      const route = `${method} ${path.replace(UUID, ':id')}`;
      counts[route] = (counts[route] ?? 0) + 1;
    }
    return counts;
  }

  clear(): void {
    this.#records = [];
  }
}
