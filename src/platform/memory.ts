/** What the editor remembers for us across restarts. Nothing secret. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}
