import { MemoryJournal } from './memoryFiles';

/** A disk that takes its time over single readings: each tells the text as it stood when it was asked for. */
export class HeldJournal extends MemoryJournal {
  #gates: Promise<void>[] = [];
  reads = 0;

  /** Holds the next reading, until released. One that is not released never returns. */
  hold(): () => void {
    let release = () => {};
    this.#gates.push(new Promise((resolve) => (release = resolve)));
    return () => release();
  }

  override async read(): Promise<string> {
    this.reads++;
    const gate = this.#gates.shift();
    const text = await super.read();
    await gate;
    return text;
  }
}
