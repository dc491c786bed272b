/** What the user has typed into our settings, read by whoever knows what it means. */
export interface SettingsReader {
  /** @param name after `comfydeploy.`. @param otherwise where nothing is set. What is set may be of any kind. */
  get<T>(name: string, otherwise: T): T;
}
