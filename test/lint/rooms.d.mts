/** The floors of the house, from the ground up. */
export const ROOMS: readonly string[];
export function complaintAbout(from: string, to: string): string | undefined;
export function cycleThrough(
  file: string,
  importsOf: (file: string) => readonly string[],
): readonly string[] | undefined;
