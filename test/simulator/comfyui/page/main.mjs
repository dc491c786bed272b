// The page: tabs of graphs, one canvas, one status line.
import { Canvas } from './canvas.mjs';
import { toPrompt } from './graph.mjs';
import { speak, postToParent } from './plugin.mjs';
import { interrupt, listen, objectInfo, submit, viewAddress } from './server.mjs';

const $ = (id) => document.getElementById(id);

/** Storage may be blocked in a frame. The page manages without it, unless a test has set that it cannot. */
function rememberVisit() {
  if (document.body.dataset.storage === 'needed at start') return sessionStorage.setItem('visited', 'yes');
  try {
    sessionStorage.setItem('visited', 'yes');
  } catch {
    // blocked
  }
}

class Editor {
  tabs = [];
  #current = 0;
  #edits = 0;

  constructor(infos, defaultGraph) {
    this.infos = infos;
    this.defaultGraph = defaultGraph;
    this.canvas = new Canvas($('canvas'), $('world'), $('wires'), infos, (what) => this.changed(what));
  }

  get graph() {
    return this.tabs[this.#current].graph;
  }

  get prompt() {
    return toPrompt(this.graph, this.infos);
  }

  /** Opens it in a new tab and overwrites nothing. */
  open(graph) {
    const number = this.tabs.length + 1;
    this.tabs.push({ name: number === 1 ? 'Unsaved Workflow' : `Unsaved Workflow (${number})`, graph });
    this.#turnTo(number - 1);
  }

  redraw() {
    this.canvas.show(this.graph);
  }

  /** Posts only changes of structure to the parent. */
  changed(what) {
    $('edits').textContent = `edits: ${++this.#edits}`;
    if (what === 'widget') return;
    postToParent('cd_plugin_onAfterChange', { workflow: this.graph, output: this.prompt });
  }

  #turnTo(index) {
    this.#current = index;
    $('tabs').replaceChildren(
      ...this.tabs.map(({ name }, each) => {
        const tab = Object.assign(document.createElement('button'), { type: 'button', textContent: name });
        tab.setAttribute('aria-selected', String(each === index));
        tab.addEventListener('click', () => this.#turnTo(each));
        return tab;
      }),
    );
    this.redraw();
    this.canvas.fit();
  }
}

/** Shows in the page what the server sends. */
class Show {
  #node;
  #share = 0;
  #remaining = 0;
  #own = false;

  constructor(editor) {
    this.editor = editor;
  }

  hear(type, data) {
    const show = this[type];
    if (typeof show === 'function' && type !== 'hear') show.call(this, data);
  }

  status({ status }) {
    this.#remaining = status.exec_info.queue_remaining;
    $('queue').disabled = false; // the first status has named the client id
    this.#line();
  }

  lost() {
    this.#remaining = -1;
    this.#line();
  }

  execution_start() {
    this.#own = true;
    this.notice('');
    this.editor.canvas.markFailed(undefined);
  }

  executing({ node }) {
    this.#node = node ?? undefined;
    this.#share = 0;
    if (node === null) this.#own = false;
    this.#line();
  }

  progress({ node, value, max }) {
    this.#node = node;
    this.#share = value / max;
    this.#line();
  }

  preview(image) {
    if (this.#node) this.editor.canvas.picture(this.#node, URL.createObjectURL(image));
  }

  executed({ node, output }) {
    const file = output.images?.[0];
    if (!file) return;
    this.editor.canvas.picture(node, viewAddress(file));
    $('last-image').src = viewAddress(file);
    $('last-name').textContent = file.filename;
    $('last').hidden = false;
  }

  execution_error({ node_id, node_type, exception_message }) {
    this.editor.canvas.markFailed(node_id);
    this.notice(`${node_type}: ${exception_message}`);
  }

  notice(text) {
    $('notice').textContent = text;
    $('notice').hidden = text === '';
  }

  #line() {
    const percent = Math.round(100 * this.#share);
    const queued = Math.max(0, this.#remaining - 1);
    const parts = [
      ...(this.#remaining > 0 ? [this.#own && this.#node ? `rendering ${percent} %` : 'rendering'] : []),
      ...(queued > 0 ? [`${queued} queued`] : []),
    ];
    const state = this.#remaining < 0 ? 'lost' : this.#remaining > 0 ? 'busy' : 'idle';
    $('status').dataset.state = state;
    $('status').textContent = state === 'lost' ? 'reconnecting' : parts.join(', ') || 'idle';
    $('cancel').disabled = state !== 'busy';
    $('progress').style.width = this.#own ? `${percent}%` : '0';
    document.title = this.#own && this.#node ? `[${percent}%] ComfyUI` : 'ComfyUI';
    this.editor.canvas.mark(this.#node, this.#share);
  }
}

/** After each run, gives a random seed a new value. */
function reseed({ graph, infos }) {
  for (const node of graph.nodes) {
    if (node.widgets_values?.[1] !== 'randomize' || !infos[node.type]?.input.required.seed) continue;
    node.widgets_values[0] = Math.floor(Math.random() * 2 ** 48);
    const field = document.querySelector(`.node[data-id="${node.id}"] input[name="seed"]`);
    if (field) field.value = node.widgets_values[0];
  }
}

async function run(editor, show, workflowInfo) {
  const info = workflowInfo ? await workflowInfo() : {};
  if (info.workflow_id) return fetch('comfyui-deploy/run', { method: 'POST', body: JSON.stringify(info) });
  const answer = await submit(editor.prompt, editor.graph);
  if (answer.error) show.notice(`${answer.error.message} ${answer.error.details}`);
  reseed(editor);
}

rememberVisit();
const [infos, defaultGraph] = await Promise.all([
  objectInfo(),
  fetch('assets/defaultGraph.json').then((answer) => answer.json()),
]);
const editor = new Editor(infos, defaultGraph);
const show = new Show(editor);
document.body.classList.add('ready');
editor.open(structuredClone(defaultGraph));
reseed(editor); // otherwise the first run after a reload would be answered from the cache
listen((type, data) => show.hear(type, data));
const { workflowInfo } = document.body.dataset.plugin === 'present' ? speak(editor) : {};
$('queue').addEventListener('click', () => run(editor, show, workflowInfo));
$('cancel').addEventListener('click', interrupt);
