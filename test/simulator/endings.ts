import type { SimulatorClock } from './clock';
import type { SessionRecord } from './model';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** `expired`: the server ends it, as a cancel would. `exhausted`: the container reached its own limit. */
export type Ending = 'expired' | 'exhausted';

/** The ends that come by themselves: which session ends when, if nobody ends it before. */
export class Endings {
  readonly #planned = new Map<string, () => void>();

  constructor(
    private readonly clock: SimulatorClock,
    private readonly ended: (id: string, ending: Ending) => void,
  ) {}

  plan(session: SessionRecord): void {
    this.cancel(session.id);
    if (session.endedAt !== null || session.stoppingAt !== null) return;
    const expiry = expiryOf(session);
    const ceiling = ceilingOf(session);
    const ending = expiry <= ceiling ? 'expired' : 'exhausted';
    const ring = () => {
      this.ended(session.id, ending);
    };
    this.#planned.set(session.id, this.clock.after(Math.min(expiry, ceiling) - this.clock.now(), ring));
  }

  cancel(id: string): void {
    this.#planned.get(id)?.();
    this.#planned.delete(id);
  }
}

/** The container starts with a limit of its own, which no extension raises. */
function ceilingOf({ startedAt, createdAt, functionId }: SessionRecord): number {
  return (startedAt ?? createdAt) + (functionId?.startsWith('sb-') ? 6 : 24) * HOUR;
}

function expiryOf({ keepsDeadline, deadline, createdAt, timeoutMinutes }: SessionRecord): number {
  return keepsDeadline ? (deadline ?? createdAt) : createdAt + (timeoutMinutes ?? 0) * MINUTE;
}
