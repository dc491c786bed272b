import { fieldsOf, itemsOf, textOr, type Fields } from './nodeDefs';

/** A node package that a machine is built with. */
export interface OrderedPackage {
  /** Its names: in the registry, and of its repository. */
  readonly names: readonly string[];
  /** A version or a commit. */
  readonly version: string | undefined;
}

/** The package of a drawn node. */
export interface NodePackage {
  readonly name: string;
  readonly names: readonly string[];
  readonly version: string | undefined;
}

/** The package name of ComfyUI itself. */
export const CORE = 'comfy-core';

/** @param properties of a drawn node. Undefined if they name no package. */
export function packageOf(properties: unknown): NodePackage | undefined {
  const { cnr_id, aux_id, ver } = { cnr_id: undefined, aux_id: undefined, ver: undefined, ...fieldsOf(properties) };
  const given = [cnr_id, aux_id].filter((one) => typeof one === 'string' && one !== '').map(String);
  const [name] = given;
  if (name === undefined) return undefined;
  const version = typeof ver === 'string' && ver !== '' ? ver : undefined;
  return { name: name.slice(0, LONGEST), names: given.map(known), version };
}

const LONGEST = 200;

/** @param steps `docker_command_steps` of a machine. Undefined if they do not list its packages. */
export function orderedPackages(steps: unknown): readonly OrderedPackage[] | undefined {
  const list = fieldsOf(steps)['steps'];
  return Array.isArray(list) ? list.flatMap((step) => orderedIn(fieldsOf(step))) : undefined;
}

/** Whether the machine's image, or commands in its build, may contain models that are in no list of the account. */
export function mayHaveMore(steps: unknown): boolean {
  const list = fieldsOf(steps)['steps'];
  return !Array.isArray(list) || list.some((step) => fieldsOf(step)['type'] === 'commands');
}

function orderedIn({ type, data: given }: Fields): readonly OrderedPackage[] {
  const data = fieldsOf(given);
  if (type === 'custom-node-manager')
    return [{ names: [known(textOr(data['node_id'], ''))], version: versionOf(data['version']) }];
  if (type !== 'custom-node') return [];
  const urls = [data['url'], ...itemsOf(data['files'])].filter((url) => typeof url === 'string').slice(0, MOST_URLS);
  const names = urls.flatMap((url) => {
    const [name = '', owner = ''] = url
      .slice(0, LONGEST_URL)
      .replace(/\/$/, '')
      .replace(/\.git$/, '')
      .split('/')
      .reverse();
    return [known(name), known(`${owner}/${name}`)];
  });
  return [{ names, version: versionOf(data['hash']) }];
}

const MOST_URLS = 10;
const LONGEST_URL = 1_000;

function versionOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The registry writes names in another case and with other dashes. */
function known(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** Undefined if it is not among them. */
export function orderedAs({ names }: NodePackage, ordered: readonly OrderedPackage[]): OrderedPackage | undefined {
  return ordered.find((one) => names.some((name) => one.names.includes(name)));
}

const NUMBERS = /^v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?$/;
const COMMIT = /^[0-9a-f]{7,40}$/i;

/**
 * Negative if the first version is older; undefined if that cannot be determined. Commits are only compared for
 * equality.
 */
export function compareVersions(one: string, other: string): number | undefined {
  if (one === other) return 0;
  const [first, second] = [NUMBERS.exec(one), NUMBERS.exec(other)];
  if (first && second) {
    const [difference = 0] = [1, 2, 3].map((at) => Number(first[at] ?? 0) - Number(second[at] ?? 0)).filter(Boolean);
    return difference;
  }
  if (!COMMIT.test(one) || !COMMIT.test(other)) return undefined;
  return one.startsWith(other) || other.startsWith(one) ? 0 : 1;
}
