import type { TestContext } from 'node:test';
import { SimulatorClock } from '../simulator/clock';
import type { Control } from '../simulator/control';
import { startSimulator, type SimulatorOptions } from '../simulator/simulator';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON where the answer is JSON, otherwise text. */
  readonly body: unknown;
}

export type Ask = (method: string, path: string, json?: unknown, key?: string) => Promise<Answer>;

export interface Started {
  readonly url: string;
  readonly control: Control;
  readonly key: string;
  readonly orgKey: string;
  /** Below `/api`, with the personal key unless given another. */
  readonly ask: Ask;
}

export const PERSON = { userId: 'user_demo', orgId: null } as const;
export const MEMBER = { userId: 'user_demo', orgId: 'org_demo' } as const;

/** A simulator whose time stands still until `advance`, closed after the test. */
export async function start(t: TestContext, options: SimulatorOptions = {}): Promise<Started> {
  const clock = new SimulatorClock({ frozenAt: Date.UTC(2030, 0, 1, 12) });
  const { url, apiUrl, control, close } = await startSimulator({ clock, comfyUi: false, ...options });
  t.after(close);
  const [key = '', orgKey = ''] = control.keys().map(({ token }) => token);
  const ask: Ask = async (method, path, json, bearer = key) => {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    return { status: response.status, headers: response.headers, body: readable(await response.text()) };
  };
  return { url, control, key, orgKey, ask };
}

/** The ids in the list. */
export async function listedIds(ask: Ask, key?: string): Promise<readonly unknown[]> {
  const { body } = await ask('GET', '/sessions', undefined, key);
  return Array.isArray(body) ? body.map((session: { readonly id: unknown }) => session.id) : [];
}

function readable(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
