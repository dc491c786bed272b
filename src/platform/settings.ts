/** The user's settings, unchecked; each reader validates its own. */
export interface SettingsReader {
  /** @param name without `comfydeploy.`. @param otherwise used if nothing is set. The value may have any type. */
  get<T>(name: string, otherwise: T): T;
}
