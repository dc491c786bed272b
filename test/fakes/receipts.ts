import fc from 'fast-check';
import type { AskedToEnd, Closed, Moved, Opened, ReceiptEvent } from '../../src/spending/receipts';
import { machineId, sessionId } from './setup';

const MINUTE = 60_000;
/** A full minute, since a cost by the second is exact only for whole seconds. */
export const NOON = Date.UTC(2030, 0, 1, 12);

export const opened = (id: string, more: Partial<Opened> = {}): Opened => ({
  kind: 'opened',
  sessionId: sessionId(id),
  at: NOON,
  gpuEventId: `event-of-${id}`,
  machineId: machineId('machine-1'),
  machine: 'sd-box',
  gpu: 'A10G',
  price: 337_000,
  createdAt: NOON,
  endsAt: NOON + 30 * MINUTE,
  ...more,
});

export const closed = (id: string, more: Partial<Closed> = {}): Closed => ({
  kind: 'closed',
  sessionId: sessionId(id),
  at: NOON + 30 * MINUTE,
  startedAt: NOON,
  endedAt: NOON + 30 * MINUTE,
  cost: '606600000',
  source: 'billed',
  why: 'deadline',
  ...more,
});

export const moved = (id: string, more: Partial<Moved> = {}): Moved => ({
  kind: 'moved',
  sessionId: sessionId(id),
  at: NOON + 10 * MINUTE,
  by: 'you',
  minutes: 15,
  endsAt: NOON + 45 * MINUTE,
  ...more,
});

export const asked = (id: string, more: Partial<AskedToEnd> = {}): AskedToEnd => ({
  kind: 'askedToEnd',
  sessionId: sessionId(id),
  at: NOON + 20 * MINUTE,
  by: 'you',
  ...more,
});

const ids = fc.constantFrom('one', 'zwei-ü', 'three');
const moments = fc.integer({ min: 0, max: 90 }).map((minutes) => NOON + minutes * MINUTE);

/** Any events that can be written, about a few sessions. */
export const someEvents: fc.Arbitrary<ReceiptEvent[]> = fc.array(
  fc.oneof<fc.Arbitrary<ReceiptEvent>[]>(
    fc.tuple(ids, moments, fc.boolean()).map(([id, at, isPriced]) => {
      const { price, ...rest } = opened(id, { at });
      return isPriced ? { ...rest, price: price ?? 0 } : rest;
    }),
    fc
      .record({ by: fc.constantFrom('you', 'guardian', 'elsewhere'), at: moments, endsAt: moments, id: ids })
      .map(({ id, ...more }) => moved(id, { ...more, ...(more.by === 'guardian' ? { why: 'rendering' } : {}) })),
    fc.tuple(ids, moments).map(([id, at]) => ({ kind: 'kept', sessionId: sessionId(id), at, why: 'rendering' })),
    fc.tuple(ids, moments).map(([id, at]) => asked(id, { at })),
    fc
      .tuple(ids, moments, fc.constantFrom('billed', 'seen'), fc.bigInt({ min: 0n, max: 10n ** 14n }))
      .map(([id, endedAt, source, cost]) => closed(id, { at: endedAt, endedAt, source, cost: cost.toString() })),
  ),
  { maxLength: 25 },
);
