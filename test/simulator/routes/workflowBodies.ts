import { Refusal } from '../answers';
import { bodyOf, Fields } from '../fields';
import { membersOf, parsed, plainOf, Unstorable, type Json } from '../jsonb';
import type { VersionRecord } from '../model';

/** JSON that is part of an answer as it is. */
class Raw {
  constructor(readonly text: string) {}
}

/** An answer with numbers as the database has them, which JavaScript would write differently. */
export function written(body: unknown): Response {
  return new Response(jsonOf(body), { headers: { 'content-type': 'application/json' } });
}

function jsonOf(value: unknown): string {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${jsonOf(member)}`);
  return `{${members.join(',')}}`;
}

export function textOf({ graph, prompt, snapshot }: Pick<VersionRecord, 'graph' | 'prompt' | 'snapshot'>) {
  return { graph: new Raw(graph), prompt: new Raw(prompt), snapshot: new Raw(snapshot) };
}

type Members = ReadonlyMap<string, Json>;

/** The body, and its members with their numbers as sent. Python accepts NaN, and so does the server. */
export async function bodyIn(request: Request): Promise<{ readonly fields: Fields; readonly members: Members }> {
  const copy = request.clone();
  try {
    const members = membersOf(parsed(await request.text()));
    const values = [...(members ?? [])].map(([key, member]) => [key, plainOf(member)] as const);
    if (members) return { fields: new Fields('body', Object.fromEntries(values)), members };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw new Refusal(400, 'There was an error parsing the body'); // too deep
  }
  return { fields: await bodyOf(copy), members: new Map() };
}

/** Required. */
export function objectIn(fields: Fields, members: Members, name: string): Json {
  fields.object(name);
  return members.get(name) ?? null;
}

/** The server reports what its database refuses, with statements and values. */
export function inserted<T>(insert: () => T | undefined): T {
  try {
    const row = insert();
    if (row !== undefined) return row;
  } catch (error) {
    if (!(error instanceof Unstorable)) throw error;
    const sql = '[SQL: INSERT INTO comfyui_deploy.workflow_versions (workflow_id, id, workflow) VALUES ($1::UUID)]';
    throw new Refusal(500, `${error.message}\n${sql}\n[parameters: ('user_demo')]`);
  }
  throw new Refusal(500, '404: Workflow not found');
}
