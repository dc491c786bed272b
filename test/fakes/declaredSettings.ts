import manifest from '../../package.json';

interface Declared {
  readonly default: unknown;
  readonly scope: string;
  readonly ignoreSync?: boolean;
}

/** The settings of all groups in the manifest, by name. */
export const declaredSettings: Readonly<Record<string, Declared>> = Object.assign(
  {},
  ...manifest.contributes.configuration.map(({ properties }) => properties),
);
