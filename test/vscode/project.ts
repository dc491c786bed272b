import path from 'node:path';

/** Every bundle lies in `dist/<folder>/`, two levels below the project. */
export const PROJECT_ROOT = path.resolve(__dirname, '..', '..');

export const inProject = (...parts: readonly string[]): string => path.join(PROJECT_ROOT, ...parts);
