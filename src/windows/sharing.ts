import type { Register } from './leaderElection';
import type { Journal } from '../platform/journal';
import type { LeaderLease } from './leaderLease';
import type { Logger } from '../platform/logger';
import { ageOf } from '../platform/age';
import { atMost, type Clock } from '../platform/clock';
import { Emitter, type Disposable } from '../platform/emitter';
import type { KeyRing } from '../accounts/keyRing';
import type { ServerTime } from '../platform/serverTime';
import { seal, sealingKey, unseal, type SealingKey, type SharedSnapshot } from '../sessions/sharedSnapshot';
import type { Ready } from '../sessions/snapshot';

export interface SharingOptions {
  readonly leadership: Pick<LeaderLease, 'isLeader' | 'isAlone' | 'alter' | 'onDidLook'>;
  /** Where the snapshot of the account in use is shared. */
  readonly journal: () => Promise<Journal>;
  readonly keys: KeyRing;
  readonly serverTime: Pick<ServerTime, 'now' | 'hear'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A refresh must not wait longer for a window that froze inside the lock, ms. */
const PATIENCE = 1_000;
/**
 * Refreshes that no other window needs to know of are numbered by their time, which as a fraction stays below 1 until
 * the year 2286.
 */
const A_WHOLE_NUMBER = 1e13;
const A_BIT = 2 ** -20;

/** What the windows of one account share: the window that has asked the server shares the answer. */
export class Sharing implements Disposable {
  readonly #news = new Emitter<void>();
  /** Another window has shared something. */
  readonly onDidShare = this.#news.event;
  readonly #subscription: Disposable;
  /** The highest number known here. */
  #rounds = 0;
  #version = 0;
  /** What this window shared, while no other one has shared anything since. */
  #shared: string | undefined;
  /** The lists that were shared last: the same objects need not be serialized to be compared. */
  #sharedLists: readonly unknown[] = [];
  #hasWarned = false;
  /** What to share next; replaced by anything newer. */
  #next: { readonly round: number; readonly snapshot: Ready; readonly gone: SharedSnapshot['gone'] } | undefined;
  #sharing: Promise<void> = Promise.resolve();
  #sealing: { readonly token: string; readonly key: Promise<SealingKey> } | undefined;

  constructor(private readonly options: SharingOptions) {
    this.#subscription = options.leadership.onDidLook((register) => this.#notice(register));
  }

  /**
   * Returns the number for a refresh. If the disk does not answer, it is one that counts only here; without other
   * windows it lies between two numbers of the register.
   */
  async begin(): Promise<number> {
    const { leadership, clock } = this.options;
    if (leadership.isAlone) {
      const between = Math.floor(this.#rounds) + clock.now() / A_WHOLE_NUMBER;
      return (this.#rounds = Math.max(between, this.#rounds + A_BIT));
    }
    const drawing = leadership.alter((register) => {
      this.#rounds = Math.floor(Math.max(register.rounds, this.#rounds)) + 1;
      return { ...register, rounds: this.#rounds };
    });
    const isDrawn = await atMost(clock, PATIENCE, drawing).catch(() => false);
    if (!isDrawn) this.#rounds++;
    return this.#rounds;
  }

  /** Shares the snapshot, unless the others have a newer one. Never rejects. */
  share(round: number, snapshot: Ready, gone: SharedSnapshot['gone']): Promise<void> {
    // A failure of a window that does not lead concerns that window only.
    if (snapshot.problem && !this.options.leadership.isLeader) return Promise.resolve();
    const isSharing = this.#next !== undefined;
    this.#next = { round, snapshot, gone };
    // the lease reports a failing disk
    if (!isSharing) this.#sharing = this.#sharing.then(() => this.#share()).catch(() => undefined);
    return this.#sharing;
  }

  /** What was shared last; undefined if there is nothing readable. Never rejects. */
  async read(): Promise<SharedSnapshot | undefined> {
    const shared = await this.#read().catch(() => undefined); // then this window asks for itself
    if (!shared) return undefined;
    const { serverTime, clock } = this.options;
    const age = ageOf(shared.localNow, clock.now());
    if (age !== undefined) serverTime.hear(shared.serverNow + age);
    this.#rounds = Math.max(this.#rounds, shared.round);
    return shared;
  }

  reset(): void {
    this.#next = undefined;
    this.#rounds = 0;
    this.#version = 0;
    this.#shared = undefined;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#news.dispose();
  }

  async #read(): Promise<SharedSnapshot | undefined> {
    const { journal, log } = this.options;
    const [key, text] = await Promise.all([this.#key(), journal().then((file) => file.read())]);
    if (!key || !text) return undefined;
    const shared = await unseal(text, key);
    if (!shared && !this.#hasWarned)
      log.info('What another window shared cannot be read here, so this one asks for itself.');
    this.#hasWarned ||= !shared;
    return shared;
  }

  /** Derived once for each API key. */
  async #key(): Promise<SealingKey | undefined> {
    const token = (await this.options.keys.get())?.token;
    if (token === undefined) return undefined;
    if (this.#sealing?.token !== token) this.#sealing = { token, key: sealingKey(token) };
    return this.#sealing.key;
  }

  async #share(): Promise<void> {
    const { leadership, journal, serverTime, clock } = this.options;
    const key = await this.#key();
    const next = this.#next;
    this.#next = undefined;
    if (!key || !next) return;
    const { round, gone } = next;
    const { machines, sessions, asOf, skipped, problem } = next.snapshot;
    const lists = [machines, sessions, problem?.error.message, ...skipped, ...gone];
    if (leadership.isAlone && this.#shared !== undefined && isSame(lists, this.#sharedLists)) return;
    const news = JSON.stringify([machines, sessions, skipped, gone, problem?.error.message]);
    this.#sharedLists = lists;
    if (leadership.isAlone && news === this.#shared) return;
    const now = { serverNow: serverTime.now(), localNow: clock.now() };
    const shared = { round, machines, sessions, asOf, skipped, gone, problem, ...now };
    const [file, text] = await Promise.all([journal(), seal(shared, key)]);
    await leadership.alter(async (register) => {
      const { told } = register;
      if (told.round > shared.round) return register;
      await file.exclusively(() => file.replace(text, false));
      this.#version = told.version + 1;
      this.#shared = news;
      return { ...register, told: { round: shared.round, version: this.#version } };
    });
  }

  #notice({ rounds, told: { version } }: Register): void {
    this.#rounds = Math.max(this.#rounds, rounds);
    if (version === this.#version) return;
    this.#version = version;
    this.#shared = undefined;
    this.#news.fire();
  }
}

/** Compares lists by identity. */
function isSame(news: readonly unknown[], before: readonly unknown[]): boolean {
  return news.length === before.length && news.every((one, index) => one === before[index]);
}
