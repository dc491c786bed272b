// The messages between the page and the window around it: JSON text of {type, data}, both ways.
import { emptyGraph, opened, newNode, setWidgetValue } from './graph.mjs';

const SETUP_MS = 400;
const SHOUT_MS = 5;

/** Posts to the window around the page, if there is one. */
export function postToParent(type, data) {
  if (parent !== window) parent.postMessage(JSON.stringify({ type, data }), '*');
}

/** Listens to the parent from now on; earlier messages are lost. */
export function speak(editor) {
  const asked = { workflow: undefined };
  const both = () => ({ workflow: editor.graph, output: editor.prompt });
  const answers = {
    graph_load: (data) => {
      if (data === undefined) return;
      const isIgnored = document.body.dataset.graphs === 'ignored';
      editor.open(isIgnored ? emptyGraph() : opened(data, editor.defaultGraph));
      postToParent('graph_loaded', {});
    },
    get_prompt: () => postToParent('cd_plugin_onGetPrompt', both()),
    deploy: () => postToParent('cd_plugin_onDeployChanges', both()),
    queue_prompt: () => postToParent('cd_plugin_onQueuePrompt', both()),
    update_widget: ({ nodeId, widgetName, value }) => {
      const node = editor.graph.nodes.find(({ id }) => String(id) === String(nodeId));
      if (!node) return;
      setWidgetValue(node, editor.infos[node.type], widgetName, value);
      editor.redraw();
    },
    add_node: ({ type, widgets_values }) => {
      newNode(editor.graph, type, editor.infos[type], [60, 60], widgets_values);
      editor.redraw();
      editor.changed('structure');
    },
    zoom_to_node: ({ nodeId, position }) => {
      const node = editor.graph.nodes.find(({ id }) => String(id) === String(nodeId));
      editor.canvas.centreOn(position ?? node?.pos ?? [0, 0]);
    },
    workflow_info: (data) => {
      asked.workflow?.(data);
      asked.workflow = undefined;
    },
  };

  addEventListener('message', ({ data: text }) => {
    const message = parsed(text);
    if (message && Object.hasOwn(answers, message.type)) answers[message.type](message.data);
  });
  for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) document.addEventListener(type, passOn);
  setTimeout(() => postToParent('cd_plugin_setup', {}), SETUP_MS);
  if (document.body.dataset.intent === 'hostile') setInterval(shout, SHOUT_MS);

  /** In native mode the page asks the parent before each run which workflow it is, and waits for the answer. */
  const workflowInfo = () => {
    if (asked.workflow) return new Promise(() => undefined);
    postToParent('workflow_info', {});
    return new Promise((resolve) => (asked.workflow = resolve));
  };
  return {
    workflowInfo: new URLSearchParams(location.search).get('native_mode') === 'true' ? workflowInfo : undefined,
  };
}

/** Messages of the plugin, of the window around it, and unknown ones, as text and as objects. */
function shout() {
  const types = [
    'cd_plugin_setup',
    'graph_loaded',
    'cd_plugin_onGetPrompt',
    'startAgain',
    'elsewhere',
    'retry',
    'answer',
  ];
  const type = types[Math.floor(Math.random() * types.length)];
  const baits = { command: 'comfydeploy.cancelAllSessions', uri: 'file:///etc/passwd', text: '{', from: '', ask: '' };
  const data = { workflow: { nodes: [{ id: 1, type: '<script>' }], links: [] }, ...baits };
  postToParent(type, data);
  if (parent !== window) parent.postMessage({ type, data, kind: 'over', headline: type, actions: [], ...baits }, '*');
}

/** Drags over the page are posted as objects, not as text. */
function passOn(event) {
  event.preventDefault();
  if (parent === window) return;
  const { clientX: x, clientY: y } = event;
  const names = {
    dragenter: 'file_dragenter',
    dragover: 'file_dragover',
    dragleave: 'file_dragleave',
    drop: 'file_drop',
  };
  const files = event.type === 'drop' ? { files: [...event.dataTransfer.files] } : {};
  parent.postMessage({ type: names[event.type], data: { x, y, ...files } }, '*');
}

function parsed(text) {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // other windows post messages too
  }
}
