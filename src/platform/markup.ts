/** Text for markup, in an element or a quoted attribute. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @param content markup. @param attributes texts. */
export function element(
  name: string,
  content: string | readonly string[],
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  const all = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(`${value}`)}"`);
  return `<${name}${all.join('')}>${[content].flat().join('')}</${name}>`;
}

/** @param text of the element. */
export function worded(name: string, text: string, attributes: Readonly<Record<string, string | number>> = {}): string {
  return element(name, escape(text), attributes);
}
