// The page's side of the server: one websocket of its own, and prompts posted under the same client id.

const RECONNECT_MS = 1000;

export const viewAddress = ({ filename, subfolder, type }) =>
  `view?${new URLSearchParams({ filename, subfolder, type, rand: String(Math.random()) })}`;

/** Listens as long as the page lives. `heard` gets every message, `lost` and `preview` included. */
export function listen(heard) {
  const address = new URL('ws', location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  address.search = new URLSearchParams({ clientId: window.name });
  const socket = new WebSocket(address);
  socket.binaryType = 'blob';
  socket.addEventListener('open', () =>
    socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: false } })),
  );
  socket.addEventListener('message', ({ data }) => {
    if (typeof data !== 'string') return heard('preview', data.slice(8, data.size, 'image/jpeg'));
    const message = JSON.parse(data);
    if (message.data?.sid) window.name = message.data.sid;
    heard(message.type, message.data);
  });
  socket.addEventListener('close', () => {
    heard('lost', {});
    setTimeout(() => listen(heard), RECONNECT_MS);
  });
}

/** Returns what the server answered, errors included. */
export async function submit(prompt, workflow) {
  const body = { client_id: window.name, prompt, extra_data: { extra_pnginfo: { workflow } } };
  const answer = await fetch('api/prompt', { method: 'POST', body: JSON.stringify(body) });
  return answer.json();
}

export const interrupt = () => fetch('api/interrupt', { method: 'POST' });

export const objectInfo = async () => (await fetch('api/object_info')).json();
