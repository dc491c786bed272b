import type { EnvironmentKey } from '../ui/tokenVault';

/** A key for places where nobody can sign in (dev containers, CI). Used when none is stored; never stored itself. */
export function environmentKey(): EnvironmentKey | undefined {
  const token = process.env['COMFYDEPLOY_API_KEY']?.trim();
  return token ? { token, server: process.env['COMFYDEPLOY_API_URL']?.trim() || undefined } : undefined;
}
