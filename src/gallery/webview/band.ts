/// <reference lib="dom" />
import type { Area } from '../arranging';

/** Pixels; a pointer that moves less has clicked. */
const STILL = 4;

/**
 * Follows a rubber band from where there is no tile. @param stretch what it holds, and what was chosen before.
 * @param chosen what stays chosen when one begins
 */
export function followBand(
  { box, all }: Readonly<Record<'box' | 'all', HTMLElement>>,
  stretch: (area: Area | undefined, before: ReadonlySet<string>) => void,
  chosen: (isMore: boolean) => ReadonlySet<string>,
): void {
  let began: { readonly x: number; readonly y: number; readonly before: ReadonlySet<string> } | undefined;
  const mark = document.createElement('div');
  mark.id = 'band';
  const at = ({ clientX, clientY }: PointerEvent) => {
    const { left, top } = all.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  box.addEventListener('pointerdown', (event) => {
    const { x, y } = at(event);
    if (event.button !== 0 || (event.target !== box && event.target !== all) || x > box.clientWidth) return;
    began = { x, y, before: chosen(event.ctrlKey || event.metaKey || event.shiftKey) };
    box.setPointerCapture(event.pointerId);
    stretch(undefined, began.before);
  });
  box.addEventListener('pointermove', (event) => {
    if (!began) return;
    const { x, y } = at(event);
    const [left, right] = [Math.min(x, began.x), Math.max(x, began.x)];
    const [top, bottom] = [Math.min(y, began.y), Math.max(y, began.y)];
    if (right - left + bottom - top < STILL) return;
    box.append(mark);
    Object.assign(mark.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${right - left}px`,
      height: `${bottom - top}px`,
    });
    stretch({ left, top, right, bottom }, began.before);
  });
  const end = () => {
    began = undefined;
    mark.remove();
  };
  box.addEventListener('pointerup', end);
  box.addEventListener('pointercancel', end);
}
