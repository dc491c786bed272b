import fc from 'fast-check';
import { WEATHERS, type StormyDisk } from '../fakes/stormyDisk';
import { turn } from '../fakes/until';
import type { Mishap, Window, Windows } from './windows';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Mishap>({ kind: 'none' }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Mishap>({ kind: 'silent', when: 'after' }, { kind: 'silent', when: 'before' }),
  },
  { weight: 1, arbitrary: fc.constant<Mishap>({ kind: 'late' }) },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(
        { kind: 'reset', when: 'before' } as const,
        { kind: 'reset', when: 'after' } as const,
        { kind: 'truncate', bytes: 1 } as const,
        { kind: 'badJson' } as const,
        { kind: 'answer', status: 500, body: 'Internal Server Error' } as const,
        { kind: 'answer', status: 502, body: '' } as const,
      )
      .map((effect): Mishap => ({ kind: 'simulated', effect })),
  },
);

/** What happens to a window or its computer during an action; usually nothing. */
export const trouble = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ kind: 'none' } as const) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        kind: fc.constant('freeze' as const),
        window: fc.nat(1),
        /** How many moments from now. */
        moments: fc.nat(40),
        seconds: fc.constantFrom(3, 20, 100, 600),
      },
      { noNullPrototype: true },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        kind: fc.constant('disk' as const),
        weather: fc.constantFrom(...WEATHERS),
        moments: fc.nat(20),
        seconds: fc.constantFrom(1, 15, 90),
      },
      { noNullPrototype: true },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        kind: fc.constant('list' as const),
        shows: fc.constantFrom('empty' as const, 'failing' as const),
        seconds: fc.constantFrom(5, 90),
      },
      { noNullPrototype: true },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        kind: fc.constant('clock' as const),
        window: fc.nat(1),
        ahead: fc.constantFrom(-24 * HOUR, -HOUR, -90 * SECOND, 90 * SECOND, HOUR, 24 * HOUR),
      },
      { noNullPrototype: true },
    ),
  },
);
export type Trouble = typeof trouble extends fc.Arbitrary<infer T> ? T : never;

/** Which faults are present in a world of two windows, and until when. */
export class Troubles {
  #until = Number.NEGATIVE_INFINITY;
  #diskUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly windows: Windows,
    private readonly disks: readonly StormyDisk[],
    private readonly window: (nth: number) => Window,
  ) {}

  /** While there are faults, requests may be refused. */
  get isOn(): boolean {
    return this.windows.clock.now() < this.#until;
  }

  /** When the last fault ended, or will end. */
  get until(): number {
    return this.#until;
  }

  /** The same for the disks only. */
  get diskUntil(): number {
    return this.#diskUntil;
  }

  async befall(befalls: Trouble): Promise<void> {
    if (befalls.kind === 'none') return;
    this.windows.mishaps++;
    if (befalls.kind === 'clock') {
      this.window(befalls.window).life.ahead = befalls.ahead;
      return;
    }
    const ms = befalls.seconds * SECOND;
    this.#announce(ms);
    if ('moments' in befalls) for (let n = 0; n < befalls.moments; n++) await turn();
    this.#announce(ms); // time may have passed meanwhile
    if (befalls.kind === 'freeze') {
      this.freeze(this.window(befalls.window), ms);
    } else if (befalls.kind === 'disk') {
      this.#diskUntil = this.#until;
      for (const disk of this.disks) disk.weather = befalls.weather;
      this.windows.clock.after(ms, () => this.disks.forEach((disk) => (disk.weather = 'fine')));
    } else {
      this.windows.list = befalls.shows;
      this.windows.clock.after(ms, () => (this.windows.list = 'whole'));
    }
  }

  freeze({ life }: Pick<Window, 'life'>, ms: number): void {
    this.#announce(ms);
    life.freeze();
    this.windows.clock.after(ms, () => life.thaw());
  }

  /** Waits until there are no faults. */
  async pass(): Promise<void> {
    if (this.isOn) await this.windows.advance(this.#until - this.windows.clock.now());
  }

  #announce(ms: number): void {
    this.#until = Math.max(this.#until, this.windows.clock.now() + ms + SECOND);
  }
}
