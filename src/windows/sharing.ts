import type { Register } from './election';
import type { Journal } from '../platform/journal';
import type { WindowSeat } from './seat';
import type { Logger } from '../platform/logger';
import { ageOf } from '../platform/age';
import { atMost, type Clock } from '../platform/clock';
import { Emitter, type Disposable } from '../platform/emitter';
import type { KeyRing } from '../accounts/keyRing';
import type { ServerTime } from '../platform/serverTime';
import { seal, sealingKey, unseal, type SealingKey, type SharedTruth } from '../sessions/sharedTruth';
import type { Ready } from '../sessions/snapshot';

export interface SharingOptions {
  readonly seat: Pick<WindowSeat, 'isMine' | 'isAlone' | 'alter' | 'onDidLook'>;
  /** Where the truth of the account in use is shared. */
  readonly journal: () => Promise<Journal>;
  readonly keys: KeyRing;
  readonly serverTime: Pick<ServerTime, 'now' | 'hear'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A look must not wait for a window that froze at the wrong moment. */
const PATIENCE = 1_000;
/** Looks that no other window need know of are told apart by when they began: less than a whole number until the year 2286. */
const A_WHOLE_NUMBER = 1e13;
const A_BIT = 2 ** -20;

/** What the windows of one account tell each other. Whoever has asked the server tells all the others. */
export class Sharing implements Disposable {
  readonly #news = new Emitter<void>();
  /** Another window has told something. */
  readonly onDidTell = this.#news.event;
  readonly #subscription: Disposable;
  /** The highest number known here. */
  #rounds = 0;
  #version = 0;
  /** What this window told, while no other one has told anything since. */
  #told: string | undefined;
  #hasWarned = false;
  /** What is to be told next: what is newer takes its place. */
  #next: { readonly round: number; readonly truth: Ready; readonly gone: SharedTruth['gone'] } | undefined;
  #telling: Promise<void> = Promise.resolve();
  #sealing: { readonly token: string; readonly key: Promise<SealingKey> } | undefined;

  constructor(private readonly options: SharingOptions) {
    this.#subscription = options.seat.onDidLook((register) => this.#notice(register));
  }

  /**
   * Draws the number of a look at the server. Without an answer from the disk it is one that only counts here; with
   * no other window there it lies between two that are drawn.
   */
  async begin(): Promise<number> {
    const { seat, clock } = this.options;
    if (seat.isAlone) {
      const between = Math.floor(this.#rounds) + clock.now() / A_WHOLE_NUMBER;
      return (this.#rounds = Math.max(between, this.#rounds + A_BIT));
    }
    const drawing = seat.alter((register) => {
      this.#rounds = Math.floor(Math.max(register.rounds, this.#rounds)) + 1;
      return { ...register, rounds: this.#rounds };
    });
    const isDrawn = await atMost(clock, PATIENCE, drawing).catch(() => false);
    if (!isDrawn) this.#rounds++;
    return this.#rounds;
  }

  /** Tells the others, unless they know better already. Never rejects. */
  tell(round: number, truth: Ready, gone: SharedTruth['gone']): Promise<void> {
    // A failure of a window that only follows is its own.
    if (truth.problem && !this.options.seat.isMine) return Promise.resolve();
    const isTelling = this.#next !== undefined;
    this.#next = { round, truth, gone };
    if (!isTelling) this.#telling = this.#telling.then(() => this.#tell()).catch(() => undefined); // the seat says that the disk fails
    return this.#telling;
  }

  /** What was told last; undefined if there is nothing that can be read here. Never rejects. */
  async read(): Promise<SharedTruth | undefined> {
    const truth = await this.#read().catch(() => undefined); // then this window asks for itself
    if (!truth) return undefined;
    const { serverTime, clock } = this.options;
    const age = ageOf(truth.localNow, clock.now());
    if (age !== undefined) serverTime.hear(truth.serverNow + age);
    this.#rounds = Math.max(this.#rounds, truth.round);
    return truth;
  }

  reset(): void {
    this.#next = undefined;
    this.#rounds = 0;
    this.#version = 0;
    this.#told = undefined;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#news.dispose();
  }

  async #read(): Promise<SharedTruth | undefined> {
    const { journal, log } = this.options;
    const [key, text] = await Promise.all([this.#key(), journal().then((file) => file.read())]);
    if (!key || !text) return undefined;
    const truth = await unseal(text, key);
    if (!truth && !this.#hasWarned)
      log.info('What another window shared cannot be read here, so this one asks for itself.');
    this.#hasWarned ||= !truth;
    return truth;
  }

  /** Derived once for each API key. */
  async #key(): Promise<SealingKey | undefined> {
    const token = (await this.options.keys.get())?.token;
    if (token === undefined) return undefined;
    if (this.#sealing?.token !== token) this.#sealing = { token, key: sealingKey(token) };
    return this.#sealing.key;
  }

  async #tell(): Promise<void> {
    const { seat, journal, serverTime, clock } = this.options;
    const key = await this.#key();
    const next = this.#next;
    this.#next = undefined;
    if (!key || !next) return;
    const { round, gone } = next;
    const { machines, sessions, asOf, skipped, problem } = next.truth;
    const news = JSON.stringify([machines, sessions, skipped, gone, problem?.error.message]);
    if (seat.isAlone && news === this.#told) return;
    const now = { serverNow: serverTime.now(), localNow: clock.now() };
    const truth = { round, machines, sessions, asOf, skipped, gone, problem, ...now };
    const [file, text] = await Promise.all([journal(), seal(truth, key)]);
    await seat.alter(async (register) => {
      const { told } = register;
      if (told.round > truth.round) return register;
      await file.exclusively(() => file.replace(text, false));
      this.#version = told.version + 1;
      this.#told = news;
      return { ...register, told: { round: truth.round, version: this.#version } };
    });
  }

  #notice({ rounds, told: { version } }: Register): void {
    this.#rounds = Math.max(this.#rounds, rounds);
    if (version === this.#version) return;
    this.#version = version;
    this.#told = undefined;
    this.#news.fire();
  }
}
