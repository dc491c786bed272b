/** A key for places where nobody can sign in (dev containers, CI). Used when none is stored; never stored itself. */
export function environmentKey(): string | undefined {
  return process.env['COMFYDEPLOY_API_KEY']?.trim() || undefined;
}
