import { json, Refusal } from './answers';
import type { Control } from './control';
import type { Api } from './server';

/**
 * The same as `Control`, over HTTP: `POST /control/advance` with the arguments as a JSON array, and
 * `POST /control/comfyUi/<session>/<method>` for what is inside a session.
 */
export function controlRoutes(app: Api, control: Control): void {
  app.post('/control/comfyUi/:session/:method', async (context) => {
    const inside = control.comfyUi(context.req.param('session'));
    if (!inside) throw new Refusal(404, 'This session has no ComfyUI');
    return call(inside, context.req.param('method'), await context.req.text());
  });
  app.post('/control/:method', async (context) => call(control, context.req.param('method'), await context.req.text()));
}

async function call(target: object, name: string, body: string): Promise<Response> {
  if (name === 'constructor' || !(name in target)) throw new Refusal(404, `There is no ${name} to control`);
  const method: unknown = Reflect.get(target, name);
  if (typeof method !== 'function') return json(method);
  const args: unknown = body === '' ? [] : JSON.parse(body);
  if (!Array.isArray(args)) throw new Refusal(422, 'The arguments come as an array');
  try {
    const result: unknown = await Reflect.apply(method, target, args);
    return json(result ?? null);
  } catch (error) {
    throw new Refusal(400, String(error));
  }
}
