/// <reference lib="dom" />
import type { Item } from '../item';

/** Of the tile that something in it belongs to. */
export function placeOf(target: EventTarget | null): number | undefined {
  const tile = target instanceof Element ? target.closest('[role=option]') : null;
  return tile ? Number(tile.id.slice(1)) : undefined;
}

/** Values to choose from, after the one for all. A choice that is gone becomes that. */
export function offer(choice: HTMLSelectElement, values: ReadonlySet<string>): void {
  const { value } = choice;
  choice.length = 1;
  for (const one of values) choice.add(new Option(one, one));
  choice.value = values.has(value) ? value : '';
}

/** The first picture there, as others paste it. @throws if it cannot be copied */
export async function copyImage(section: HTMLElement): Promise<void> {
  const image = section.querySelector('img');
  const canvas = document.createElement('canvas');
  canvas.width = image?.naturalWidth ?? 0;
  canvas.height = image?.naturalHeight ?? 0;
  if (image) canvas.getContext('2d')?.drawImage(image, 0, 0);
  const made = new Promise<Blob>((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture')))),
  );
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': made })]);
}

/** Gives an input its earlier value, though nothing may be there to choose from yet. */
export function keepValue(input: HTMLInputElement | HTMLSelectElement, value: string): void {
  if (input instanceof HTMLSelectElement && ![...input.options].some((option) => option.value === value))
    input.add(new Option(value, value));
  input.value = value;
}

/** A button that is gone leaves the focus to another one, or to the grid. @param before what had it */
export function keepFocus(before: Element | null, section: HTMLElement, box: HTMLElement): void {
  if (!(before instanceof HTMLElement) || before.checkVisibility()) return;
  const other = section.hidden ? null : section.querySelector<HTMLElement>('button:not([hidden])');
  (other ?? box).focus();
}

/** Files that are dragged to an editor. */
export function giveFiles({ dataTransfer }: DragEvent, items: readonly Item[]): void {
  const uris = items.map(({ uri }) => uri);
  for (const type of ['text/uri-list', 'application/vnd.code.uri-list']) dataTransfer?.setData(type, uris.join('\r\n'));
  const seen = items.map(({ uri, src }) => asSeen(uri, src));
  dataTransfer?.setData('ResourceURLs', JSON.stringify(seen)); // by which VS Code opens what is dropped
}

/** On another computer, its address is in that of the page's resources: `vscode-remote+NAME`, each sign as `-0000`. */
function asSeen(uri: string, src: string): string {
  const [, name] = /^https:\/\/vscode-remote(?:\+|%2B)([^./]*)\./i.exec(src) ?? [];
  if (name === undefined) return uri;
  const authority = name.replace(/-([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  return uri.replace(/^file:\/\//, `vscode-remote://${encodeURIComponent(authority)}`);
}

/** Passes on what differs from the last time. */
export function changesOnly<T>(pass: (value: T) => void): (value: T) => void {
  let last = '';
  return (value) => {
    const text = JSON.stringify(value);
    if (text !== last) pass(value);
    last = text;
  };
}
