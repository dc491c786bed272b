/**
 * The key from the environment, for places without a sign-in (dev containers, CI). Used when none is stored, and never
 * stored itself.
 */
export function environmentKey(): { readonly token: string; readonly server: string | undefined } | undefined {
  const token = process.env['COMFYDEPLOY_API_KEY']?.trim();
  return token ? { token, server: process.env['COMFYDEPLOY_API_URL']?.trim() || undefined } : undefined;
}
