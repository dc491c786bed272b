import type { ComfyUiControl } from './comfyui/control';
import type { Control } from './control';

/** Every method becomes asynchronous, and so does every property, as a method without arguments. */
type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : () => Promise<T[K]>;
};

export type RemoteControl = Omit<Remote<Control>, 'comfyUi'> & {
  readonly comfyUi: (sessionId: string) => Remote<ComfyUiControl>;
};

/** `Control` of a simulator in another process, by its `url`. */
export function connectControl(url: string): RemoteControl {
  const comfyUi = (sessionId: string) => remote(`${url}/control/comfyUi/${sessionId}`) as Remote<ComfyUiControl>;
  return new Proxy(remote(`${url}/control`), {
    get: (target, name): unknown => (name === 'comfyUi' ? comfyUi : Reflect.get(target, name)),
  }) as RemoteControl;
}

/** A `then` would make `await` treat it as a promise. */
function remote(url: string): object {
  const method =
    (name: string) =>
    (...args: unknown[]) =>
      call(`${url}/${name}`, args);
  const get = (_: object, name: string | symbol) =>
    typeof name === 'string' && name !== 'then' ? method(name) : undefined;
  return new Proxy({}, { get });
}

async function call(url: string, args: readonly unknown[]): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(args) });
  const result: unknown = await response.json();
  if (!response.ok) throw new Error(`${new URL(url).pathname}: ${JSON.stringify(result)}`);
  return result ?? undefined;
}
