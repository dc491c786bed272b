/// <reference lib="dom" />
import { ROW, rowsOf, TITLE, type Box, type Link, type Mark, type Picture, type Rect } from '../picture';

export interface View {
  /** What is at the top left, in units of the canvas. */
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface Scene extends View {
  readonly picture: Picture;
  /** The index of the chosen box. */
  readonly chosen: number;
  readonly found: ReadonlySet<number>;
}

/** Told by a sign and a line, too. */
const MARKS: Readonly<Record<Mark | 'wrong', readonly [sign: string, colour: string, dash: readonly number[]]>> = {
  added: ['+', 'gitDecoration-addedResourceForeground', []],
  removed: ['−', 'gitDecoration-deletedResourceForeground', [9, 6]],
  changed: ['~', 'gitDecoration-modifiedResourceForeground', [18, 4]],
  moved: ['→', 'charts-purple', [2, 5]],
  wrong: ['⚠', 'editorError-foreground', []],
};
const LINKS = ['blue', 'green', 'yellow', 'purple', 'orange', 'red'];
/** Below, texts are too small to be read, and only marks are drawn. */
const READABLE = 0.3;
const [SIZE, CHARACTER] = [13, 6.6];

/** Draws what can be seen of a picture, in the colours of the theme. */
export class Renderer {
  readonly #style = getComputedStyle(document.body);

  constructor(
    private readonly pen: CanvasRenderingContext2D,
    private readonly scene: Scene,
  ) {}

  draw(): void {
    const { pen, scene } = this;
    const { picture, x, y, zoom, chosen } = scene;
    const { width, height } = pen.canvas;
    const scale = zoom * devicePixelRatio;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.setTransform(scale, 0, 0, scale, -x * scale, -y * scale);
    const seen: Rect = [x, y, width / scale, height / scale];
    for (const frame of picture.frames) if (meet(frame.at, seen)) this.#frame(frame);
    for (const link of picture.links) this.#link(link, seen);
    pen.setLineDash([]);
    picture.boxes.forEach((box, index) => {
      if (box.was) this.#way(box.was, box.at);
      if (meet(box.at, seen)) this.#box(box, index === chosen, scene.found.has(index));
    });
    pen.globalAlpha = 1;
  }

  #colour(name: string, otherwise = 'editor-foreground'): string {
    return this.#style.getPropertyValue(`--vscode-${name}`) || this.#style.getPropertyValue(`--vscode-${otherwise}`);
  }

  #frame({ at, name, colour, mark }: Picture['frames'][number]): void {
    const { pen } = this;
    pen.globalAlpha = 0.12;
    pen.fillStyle = (!this.#isContrast() && colour) || this.#colour('descriptionForeground');
    pen.fillRect(...at);
    pen.globalAlpha = 1;
    this.#outline(at, mark, this.#colour('widget-border', 'descriptionForeground'));
    if (this.scene.zoom < READABLE / 3) return;
    pen.fillStyle = this.#colour('descriptionForeground');
    this.#text(`${mark ? `${MARKS[mark][0]} ` : ''}${name}`, at[0] + 10, at[1] + 26, 24);
  }

  #link({ from, slot, to, row, type, mark }: Link, seen: Rect): void {
    const { pen, scene } = this;
    const { boxes } = scene.picture;
    const [x, y] = endOf(boxes[from]?.at, slot, true);
    const [endX, endY] = endOf(boxes[to]?.at, row, false);
    const bow = Math.min(Math.max(Math.abs(endX - x) / 2, 30), 300);
    const [left, top] = [Math.min(x, endX - bow), Math.min(y, endY)];
    if (!meet([left, top, Math.max(x + bow, endX) - left, Math.max(y, endY) - top + 1], seen)) return;
    const [, colour, dash] = mark ? MARKS[mark] : ['', `charts-${LINKS[sumOf(type) % LINKS.length] ?? ''}`, []];
    pen.globalAlpha = scene.found.has(from) && scene.found.has(to) ? 0.9 : 0.15;
    pen.strokeStyle = this.#colour(colour);
    pen.lineWidth = mark ? Math.max(3, 2 / scene.zoom) : Math.max(1.5, 0.7 / scene.zoom);
    pen.setLineDash([...dash]);
    pen.beginPath();
    pen.moveTo(x, y);
    pen.bezierCurveTo(x + bow, y, endX - bow, endY, endX, endY);
    pen.stroke();
  }

  /** From where a box was to where it is. */
  #way(was: Rect, at: Rect): void {
    const { pen } = this;
    pen.globalAlpha = 0.8;
    this.#outline(was, 'moved', '');
    pen.beginPath();
    pen.moveTo(was[0] + was[2] / 2, was[1] + was[3] / 2);
    pen.lineTo(at[0] + at[2] / 2, at[1] + at[3] / 2);
    pen.stroke();
    pen.setLineDash([]);
  }

  #box(box: Box, isChosen: boolean, isFound: boolean): void {
    const { pen, scene } = this;
    const { at, mode, mark, problems = [], colour } = box;
    const [x, y, width, height] = at;
    const alpha = isFound ? (mode > 0 ? 0.5 : 1) : 0.2;
    pen.globalAlpha = alpha;
    pen.fillStyle = this.#colour('editorWidget-background');
    pen.fillRect(...at);
    pen.globalAlpha = alpha * (this.#isContrast() ? 0 : colour ? 0.45 : 0.1);
    pen.fillStyle = colour || this.#colour('editor-foreground');
    pen.fillRect(x, y, width, TITLE);
    pen.globalAlpha = alpha;
    const shown = problems.length > 0 ? 'wrong' : mark;
    this.#outline(at, shown, this.#colour('contrastBorder', 'editorWidget-border'));
    if (isChosen) {
      pen.strokeStyle = this.#colour('focusBorder');
      pen.lineWidth = Math.max(2, 2 / scene.zoom);
      const gap = 6 + pen.lineWidth;
      pen.strokeRect(x - gap, y - gap, width + 2 * gap, height + 2 * gap);
    }
    const signs = [...(mark ? [MARKS[mark]] : []), ...(problems.length > 0 ? [MARKS.wrong] : [])];
    const size = scene.zoom < READABLE ? Math.min(14 / scene.zoom, height) : 16;
    signs.forEach(([sign, tone], index) => {
      pen.fillStyle = this.#colour(tone);
      this.#text(sign, x + 8 + index * size, y + 6 + size * 0.9, size);
    });
    if (scene.zoom >= READABLE) this.#inside(box, signs.length * 16);
  }

  #inside({ at, name, inputs, outputs, values }: Box, indent: number): void {
    const { pen } = this;
    const [x, y, width, height] = at;
    pen.save();
    pen.beginPath();
    pen.rect(...at);
    pen.clip();
    pen.fillStyle = this.#colour('editor-foreground');
    this.#text(name, x + 10 + indent, y + 20, 14);
    const line = (row: number) => y + TITLE + (row + 0.9) * ROW;
    pen.fillStyle = this.#colour('descriptionForeground');
    inputs.forEach((text, row) => this.#text(text, x + 10, line(row)));
    pen.textAlign = 'right';
    outputs.forEach((text, row) => this.#text(text, x + width - 10, line(row)));
    pen.textAlign = 'left';
    pen.fillStyle = this.#colour('editor-foreground');
    let row = rowsOf({ inputs, outputs }) + 0.4;
    const most = Math.floor((height - TITLE) / ROW - row - 0.2);
    const across = Math.max(Math.floor((width - 20) / CHARACTER), 1);
    let spare = Math.max(most - values.length, 0);
    for (const value of values.slice(0, Math.max(most, 1)))
      for (let rest = value, first = true; first || (rest && spare-- > 0); first = false) {
        const space = rest.length > across ? rest.lastIndexOf(' ', across) : 0;
        const end = space > across / 2 ? space + 1 : across;
        this.#text(rest.slice(0, end), x + 10, line(row++));
        rest = rest.slice(end);
      }
    pen.restore();
    if (height > TITLE) this.#sockets(at, inputs, outputs);
  }

  #sockets(at: Rect, ...sides: readonly [inputs: readonly string[], outputs: readonly string[]]): void {
    const { pen } = this;
    pen.fillStyle = this.#colour('descriptionForeground');
    sides.forEach((side, index) =>
      side.forEach((_, row) => {
        pen.beginPath();
        pen.arc(...endOf(at, row, index === 1), 4, 0, 7);
        pen.fill();
      }),
    );
  }

  #outline(at: Rect, mark: Mark | 'wrong' | undefined, colour: string): void {
    const { pen } = this;
    const [, tone, dash] = mark ? MARKS[mark] : ['', '', []];
    pen.strokeStyle = mark ? this.#colour(tone) : colour;
    pen.lineWidth = mark ? Math.max(3, 2 / this.scene.zoom) : 1;
    pen.setLineDash([...dash]);
    pen.strokeRect(...at);
    pen.setLineDash([]);
  }

  #text(text: string, x: number, y: number, size = SIZE): void {
    this.pen.font = [`${size}px`, this.#style.fontFamily].join(' ');
    this.pen.fillText(text, x, y);
  }

  /** In these themes, colours of files could hide texts. */
  #isContrast(): boolean {
    return this.#style.getPropertyValue('--vscode-contrastBorder') !== '';
  }
}

function endOf([x, y, width, height]: Rect = [0, 0, 0, 0], row: number, isOutput: boolean): readonly [number, number] {
  return [isOutput ? x + width : x, y + (height > TITLE ? TITLE + (row + 0.7) * ROW : TITLE / 2)];
}

function meet([x, y, width, height]: Rect, [left, top, across, down]: Rect): boolean {
  return x <= left + across && left <= x + width && y <= top + down && top <= y + height;
}

function sumOf(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index++) sum += text.charCodeAt(index);
  return sum;
}
