// The canvas: draws one graph, and lets it be dragged, wired and edited.
import { connect, linksOf, removeNode, setWidgetValue, titleOf, widgetsOf, widgetValue } from './graph.mjs';

const COLOURS = {
  MODEL: '#b39ddb',
  CLIP: '#ffd500',
  VAE: '#ff6e6e',
  CONDITIONING: '#ffa931',
  LATENT: '#ff9cf9',
  IMAGE: '#64b5f6',
};

const element = (name, className, text = '') =>
  Object.assign(document.createElement(name), { className, textContent: text });

export class Canvas {
  #graph;
  #boxes = new Map();
  #view = { x: 0, y: 0, scale: 1 };
  /** Whether the user has moved the view. Until then the whole graph is kept in sight. */
  #looked = false;
  #selected;

  /** Calls `changed('structure' | 'position' | 'widget')` for everything the user does. */
  constructor(canvas, world, wires, infos, changed) {
    Object.assign(this, { canvas, world, wires, infos, changed });
    canvas.addEventListener('pointerdown', (event) => this.#pan(event));
    canvas.addEventListener('wheel', (event) => this.#zoom(event), { passive: false });
    new ResizeObserver(() => this.#looked || this.fit()).observe(canvas);
    canvas.addEventListener('keydown', (event) => {
      if (event.target === canvas && (event.key === 'Delete' || event.key === 'Backspace')) this.#removeSelected();
    });
  }

  show(graph) {
    this.#graph = graph;
    this.#selected = undefined;
    for (const box of this.#boxes.values()) box.remove();
    this.#boxes = new Map(graph.nodes.map((node) => [String(node.id), this.#draw(node)]));
    this.world.append(...this.#boxes.values());
    this.#drawWires();
  }

  /** Makes the whole graph visible. */
  fit() {
    this.#looked = false;
    const boxes = [...this.#boxes.values()];
    const { clientWidth, clientHeight } = this.canvas;
    if (boxes.length === 0 || clientWidth === 0) return this.#look({ x: 0, y: 0, scale: 1 });
    const left = Math.min(...boxes.map((box) => box.offsetLeft));
    const top = Math.min(...boxes.map((box) => box.offsetTop));
    const width = Math.max(...boxes.map((box) => box.offsetLeft + box.offsetWidth)) - left;
    const height = Math.max(...boxes.map((box) => box.offsetTop + box.offsetHeight)) - top;
    const scale = Math.min(1, (clientWidth - 60) / width, (clientHeight - 60) / height);
    const margin = (room, size, start) => (room - size * scale) / 2 - start * scale;
    this.#look({ x: margin(clientWidth, width, left), y: margin(clientHeight, height, top), scale });
  }

  centreOn([x, y]) {
    this.#looked = true;
    const { clientWidth, clientHeight } = this.canvas;
    const { scale } = this.#view;
    this.#look({ x: clientWidth / 2 - x * scale, y: clientHeight / 2 - y * scale, scale });
  }

  /** Shows which node is at work, and how far it is. */
  mark(id, share = 0) {
    for (const [each, box] of this.#boxes) {
      box.classList.toggle('running', each === id);
      box.querySelector('.bar').style.width = each === id ? `${100 * share}%` : '0';
    }
  }

  markFailed(id) {
    for (const [each, box] of this.#boxes) box.classList.toggle('failed', each === id);
  }

  picture(id, address) {
    const box = this.#boxes.get(id);
    if (!box) return;
    const image = box.querySelector('img') ?? box.appendChild(element('img', ''));
    image.src = address;
  }

  #draw(node) {
    const info = this.infos[node.type];
    const box = element('section', info ? 'node' : 'node unknown');
    box.dataset.id = node.id;
    box.dataset.type = node.type;
    box.style.cssText = `left:${node.pos[0]}px;top:${node.pos[1]}px;width:${node.size?.[0] ?? 280}px`;
    const title = element('h2', '', titleOf(node, this.infos));
    title.addEventListener('pointerdown', (event) => this.#drag(event, node, box));
    box.append(title, element('div', 'bar'), this.#drawSlots(node), this.#drawWidgets(node, info));
    return box;
  }

  #drawSlots(node) {
    const slots = element('div', 'slots');
    const draw = (kind) => (socket, index) => {
      const slot = element('div', `slot ${kind}`, socket.name);
      slot.style.setProperty('--kind', COLOURS[socket.type] ?? '#9aa0a6');
      slot.style.gridRow = String(index + 1);
      Object.assign(slot.dataset, { node: node.id, kind, index });
      slot.addEventListener('pointerdown', (event) => this.#wire(event, node, kind, index));
      return slot;
    };
    slots.append(...(node.inputs ?? []).map(draw('in')), ...(node.outputs ?? []).map(draw('out')));
    return slots;
  }

  #drawWidgets(node, info) {
    const box = element('div', 'widgets');
    box.append(...widgetsOf(info).map((widget) => this.#drawWidget(node, info, widget)));
    return box;
  }

  #drawWidget(node, info, { name, type, settings }) {
    const field = fieldOf(type, settings);
    field.name = name;
    field.setAttribute('aria-label', name);
    const value = widgetValue(node, info, name) ?? settings.default ?? '';
    if (field.type === 'checkbox') field.checked = value === true;
    else field.value = value;
    field.addEventListener('input', () => {
      const typed = field.type === 'number' ? field.valueAsNumber : field.value;
      setWidgetValue(node, info, name, field.type === 'checkbox' ? field.checked : typed);
      this.changed('widget');
    });
    if (settings.multiline) return field;
    const label = element('label', 'widget');
    label.append(element('span', '', name), field);
    return label;
  }

  #drawWires() {
    const paths = linksOf(this.#graph).flatMap(([, from, fromSlot, to, toSlot, type]) => {
      const [start, end] = [this.#anchor(from, 'out', fromSlot), this.#anchor(to, 'in', toSlot)];
      return start && end ? [path(start, end, COLOURS[type])] : [];
    });
    this.wires.replaceChildren(...paths);
  }

  #anchor(id, kind, index) {
    const box = this.#boxes.get(String(id));
    const slot = box?.querySelector(`.slot.${kind}[data-index="${index}"]`);
    if (!slot) return undefined;
    const parent = slot.offsetParent === box ? slot : slot.parentElement;
    const x = box.offsetLeft + (kind === 'out' ? box.offsetWidth : 0);
    return [x, box.offsetTop + parent.offsetTop + (parent === slot ? 0 : slot.offsetTop) + 10];
  }

  #drag(event, node, box) {
    event.stopPropagation();
    this.#select(box);
    const start = [...node.pos];
    let moved = false;
    this.#follow(
      event,
      (x, y) => {
        moved = true;
        node.pos = [Math.round(start[0] + x / this.#view.scale), Math.round(start[1] + y / this.#view.scale)];
        box.style.left = `${node.pos[0]}px`;
        box.style.top = `${node.pos[1]}px`;
        this.#drawWires();
      },
      () => moved && this.changed('position'),
    );
  }

  #wire(event, node, kind, index) {
    if (kind !== 'out') return;
    event.stopPropagation();
    const start = this.#anchor(node.id, 'out', index);
    const line = path(start, start, '#dcdde0');
    this.wires.append(line);
    this.#follow(
      event,
      (x, y) => {
        line.setAttribute('d', curve(start, [start[0] + x / this.#view.scale, start[1] + y / this.#view.scale]));
      },
      ({ clientX, clientY }) => {
        const target = document.elementFromPoint(clientX, clientY)?.closest('.slot.in')?.dataset;
        const into = target && this.#graph.nodes.find(({ id }) => String(id) === target.node);
        if (into && connect(this.#graph, [node.id, index], [into.id, Number(target.index)])) this.changed('structure');
        this.#drawWires();
      },
    );
  }

  #pan(event) {
    if (event.target !== this.canvas && event.target !== this.world) return;
    this.#select(undefined);
    this.#looked = true;
    const { x: startX, y: startY, scale } = this.#view;
    this.#follow(
      event,
      (x, y) => this.#look({ x: startX + x, y: startY + y, scale }),
      () => undefined,
    );
  }

  #zoom(event) {
    event.preventDefault();
    this.#looked = true;
    const { x, y, scale } = this.#view;
    const next = Math.min(2, Math.max(0.2, scale * (event.deltaY < 0 ? 1.1 : 1 / 1.1)));
    const { left, top } = this.canvas.getBoundingClientRect();
    const [atX, atY] = [event.clientX - left, event.clientY - top];
    this.#look({ x: atX - ((atX - x) * next) / scale, y: atY - ((atY - y) * next) / scale, scale: next });
  }

  #look(view) {
    this.#view = view;
    this.world.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    this.canvas.style.backgroundPosition = `${view.x}px ${view.y}px`;
    this.canvas.style.backgroundSize = `${24 * view.scale}px ${24 * view.scale}px`;
  }

  #follow(event, move, end) {
    const { clientX, clientY } = event;
    const onMove = (next) => move(next.clientX - clientX, next.clientY - clientY);
    addEventListener('pointermove', onMove);
    addEventListener(
      'pointerup',
      (last) => {
        removeEventListener('pointermove', onMove);
        end(last);
      },
      { once: true },
    );
  }

  #select(box) {
    this.#selected?.classList.remove('selected');
    this.#selected = box;
    box?.classList.add('selected');
    this.canvas.focus();
  }

  #removeSelected() {
    const node = this.#graph.nodes.find(({ id }) => String(id) === this.#selected?.dataset.id);
    if (!node) return;
    removeNode(this.#graph, node);
    this.show(this.#graph);
    this.changed('structure');
  }
}

function fieldOf(type, settings) {
  if (Array.isArray(type)) {
    const select = element('select', '');
    select.append(...type.map((choice) => new Option(choice, choice)));
    return select;
  }
  if (settings.multiline) return element('textarea', '');
  const field = element('input', '');
  field.type = { INT: 'number', FLOAT: 'number', BOOLEAN: 'checkbox' }[type] ?? 'text';
  if (type === 'FLOAT') field.step = 'any';
  return field;
}

function path(start, end, colour = '#9aa0a6') {
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', curve(start, end));
  line.setAttribute('stroke', colour);
  return line;
}

function curve([x1, y1], [x2, y2]) {
  const bend = Math.max(30, Math.abs(x2 - x1) / 2);
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
}
