import { setTimeout as pause } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler, Next } from 'hono';
import type { SimulatorClock } from './clock';
import type { FaultEffect, Faults } from './faults';
import type { RequestLog } from './requestLog';
import type { Api, Env } from './server';

type Of<K extends FaultEffect['kind']> = Extract<FaultEffect, { kind: K }>;

/** Records every request, dates every answer, and applies the faults. The routes of `Control` never fail. */
export function answerWithFaults(app: Api, faults: Faults, log: RequestLog, clock: SimulatorClock): void {
  const note: MiddlewareHandler<Env> = async (context, next) => {
    if (context.req.path.startsWith('/control/')) return next();
    const { method } = context.req.raw;
    const query = Object.keys(context.req.query());
    const answered = log.add({ at: clock.now(), method, path: context.req.path, query });
    const forget = faults.watch(() => {
      cut(context);
    });
    context.env.outgoing.once('close', forget);

    if (faults.offline) return cut(context);
    const outcome = await answer(context, next, faults.take(method, context.req.path));
    if (outcome === 'sent') return undefined;
    answered(context.res.status);
    context.header('date', new Date(clock.now() + faults.dateSkewSeconds * 1_000).toUTCString());
    return undefined;
  };
  app.use('*', note);
}

/** `sent`: the answer was written directly, and the connection is no longer ours. */
async function answer(context: Context<Env>, next: Next, effects: readonly FaultEffect[]): Promise<'sent' | 'ready'> {
  const first = <K extends FaultEffect['kind']>(kind: K) =>
    effects.find((effect): effect is Of<K> => effect.kind === kind);

  const latency = first('latency');
  if (latency) await pause(latency.ms);
  if (first('hang')) return hang(context);
  const reset = first('reset');
  if (reset?.when === 'before') return cutOff(context);

  const instead = first('answer');
  if (instead) context.res = answerOf(instead);
  else await next();
  if (reset) return cutOff(context);

  for (const effect of effects) await distort(context, effect);
  const truncate = first('truncate');
  return truncate ? sendPart(context, truncate.bytes) : 'ready';
}

function answerOf({ status, body, headers }: Of<'answer'>): Response {
  const isText = typeof body === 'string';
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json';
  const text = isText ? body : JSON.stringify(body ?? {});
  return new Response(text, { status, headers: { 'content-type': type, ...headers } });
}

async function distort(context: Context<Env>, effect: FaultEffect): Promise<void> {
  if (isStream(context)) return effect.kind === 'badJson' ? spoilEvents(context) : undefined;
  if (effect.kind === 'badJson') {
    const text = await context.res.text();
    replaceBody(context, `${text.slice(0, Math.max(1, text.length - 1))},`);
  }
  if (effect.kind === 'set') await eachObject(context, (object) => ({ ...object, ...effect.fields }));
  if (effect.kind === 'omit') {
    const kept = (name: string) => !effect.fields.includes(name);
    await eachObject(context, (object) => Object.fromEntries(Object.entries(object).filter(([name]) => kept(name))));
  }
}

/** Event by event: a log never ends by itself. */
function spoilEvents(context: Context<Env>): void {
  const [decoder, encoder] = [new TextDecoder(), new TextEncoder()];
  const spoiled = context.res.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, events) {
        events.enqueue(encoder.encode(decoder.decode(chunk, { stream: true }).replace(/\}$/gm, ',')));
      },
    }),
  );
  context.res = new Response(spoiled, context.res);
}

function isStream({ res }: Context<Env>): boolean {
  return res.headers.get('content-type')?.startsWith('text/event-stream') === true;
}

async function eachObject(context: Context<Env>, change: (object: object) => object): Promise<void> {
  const body: unknown = await context.res.json();
  const changed = (value: unknown) => (typeof value === 'object' && value !== null ? change(value) : value);
  replaceBody(context, JSON.stringify(Array.isArray(body) ? body.map(changed) : changed(body)));
}

function replaceBody(context: Context<Env>, text: string): void {
  context.res = new Response(text, context.res);
}

async function sendPart(context: Context<Env>, bytes: number): Promise<'sent'> {
  const { outgoing } = context.env;
  const { body, status, headers } = context.res;
  const whole = isStream(context) ? undefined : Buffer.from(await context.res.arrayBuffer());
  outgoing.writeHead(status, { ...Object.fromEntries(headers), ...(whole ? { 'content-length': whole.length } : {}) });
  if (whole) await send(context.env, whole.subarray(0, bytes));
  else await sendFrom(context.env, body, bytes);
  return cutOff(context);
}

async function sendFrom(env: HttpBindings, body: ReadableStream<Uint8Array> | null, bytes: number): Promise<void> {
  const reader = body?.getReader();
  let left = bytes;
  while (reader && left > 0) {
    const { value, done } = await reader.read();
    if (done) break;
    await send(env, value.subarray(0, left));
    left -= value.length;
  }
  await reader?.cancel();
}

function send({ outgoing }: HttpBindings, part: Uint8Array): Promise<void> {
  return new Promise((resolve) => outgoing.write(part, () => resolve()));
}

function cutOff(context: Context<Env>): 'sent' {
  context.res = cut(context);
  return 'sent';
}

async function hang(context: Context<Env>): Promise<'sent'> {
  await new Promise((resolve) => context.env.outgoing.once('close', resolve));
  context.res = alreadySent();
  return 'sent';
}

function cut(context: Context<Env>): Response {
  context.env.incoming.socket.resetAndDestroy();
  return alreadySent();
}

/** Makes the adapter leave the connection alone. */
function alreadySent(): Response {
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
}
