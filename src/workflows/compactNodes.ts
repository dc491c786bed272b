import { fieldsOf, isFields, itemsOf, type Fields } from './nodeDefs';

const OF_NODES = [
  ...['input', 'input_order', 'output', 'output_name', 'display_name', 'python_module', 'output_node', 'api_node'],
];
const OF_INPUTS = ['required', 'optional'];
/** Help texts, pictures and the like. */
const NOT_OF_OPTIONS = ['tooltip', 'placeholder', 'display', 'image_preview'];

/**
 * Removes everything from an answer of `/object_info` that neither a conversion nor a check reads. Modifies its
 * argument.
 */
export function compactNodes(objectInfo: Fields): void {
  for (const node of Object.values(objectInfo)) {
    leaveOnly(node, OF_NODES);
    const input = fieldsOf(node)['input'];
    leaveOnly(input, OF_INPUTS);
    for (const group of Object.values(fieldsOf(input)))
      for (const spec of Object.values(fieldsOf(group))) {
        const options = itemsOf(spec)[1];
        if (isFields(options)) for (const name of NOT_OF_OPTIONS) Reflect.deleteProperty(options, name);
      }
  }
}

function leaveOnly(value: unknown, names: readonly string[]): void {
  if (!isFields(value)) return;
  for (const name of Object.keys(value)) if (!names.includes(name)) Reflect.deleteProperty(value, name);
}
