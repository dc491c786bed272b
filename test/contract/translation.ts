const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Which of our ids corresponds to which recorded one. A pair that was learned must hold. */
export class Translation {
  readonly #ours = new Map<string, string>();

  /** Pairs the ids of two answers by position. */
  learn(recorded: unknown, ours: unknown): void {
    const [theirIds, ourIds] = [idsIn(recorded), idsIn(ours)];
    if (theirIds.length !== ourIds.length) return;
    for (const [index, id] of theirIds.entries()) {
      if (!this.#ours.has(id)) this.#ours.set(id, ourIds[index] ?? id);
    }
  }

  apply(text: string): string {
    return text.replace(UUID, (id) => this.#ours.get(id) ?? id);
  }
}

function idsIn(body: unknown): readonly string[] {
  return JSON.stringify(body).match(UUID) ?? [];
}
