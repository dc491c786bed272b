import { MemoryJournal } from './memoryFiles';

/** A slow disk: each held reading returns the text as it was when the reading was requested. */
export class HeldJournal extends MemoryJournal {
  #gates: Promise<void>[] = [];
  reads = 0;

  /** Holds the next reading until released. One that is never released never returns. */
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
