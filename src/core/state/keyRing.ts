/** The key in use. One from the environment is a fallback and is never kept. */
export interface Key {
  readonly token: string;
  readonly source: 'stored' | 'environment';
}

export interface KeyRing {
  get(): Promise<Key | undefined>;
}
