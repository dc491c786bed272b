import { html } from '../answers';
import type { Api } from '../server';
import type { World } from '../world';

const STYLE = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 40rem; margin: 4rem auto; padding: 0 1.5rem; }
  h1 { font-size: 1.3rem; font-weight: 600; }
  main { border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 8px; padding: 1.5rem; }
  table { width: 100%; border-collapse: collapse; }
  td, th { text-align: left; padding: 0.25rem 0.5rem 0.25rem 0; }
  button { font: inherit; padding: 0.4rem 1.2rem; border: 0; border-radius: 6px; color: #fff; background: #2563eb; }
  select { font: inherit; margin-right: 0.5rem; }
  nav a { margin-right: 1rem; }`;

/** Just enough of the dashboard for links into it to work. */
export function pageRoutes(app: Api, world: World): void {
  app.get('/', () =>
    html(page('ComfyDeploy simulator', '<p>Answers like ComfyDeploy; no real GPU is rented here.</p>')),
  );
  app.get('/machines/:id', (context) => {
    const machine = world.machines.get(context.req.param('id'));
    if (!machine) return notFoundPage();
    const { name, type, status, gpu, builderVersion } = machine;
    return html(page(name, table([{ type, status, gpu: gpu ?? 'none', builder: builderVersion ?? 'none' }])));
  });
  app.get('/sessions', () => {
    const open = world.sessions.all().filter(({ endedAt }) => endedAt === null);
    const rows = open.map(({ id, gpu, createdAt }) => ({ id, gpu, created: new Date(createdAt).toISOString() }));
    return html(page('Sessions', table(rows)));
  });
  app.get('/api-keys', () => {
    const keys = world.accounts.keys().filter(({ expiresAt }) => expiresAt === null);
    return html(page('API keys', table(keys.map(({ name, token, revoked }) => ({ name, key: token, revoked })))));
  });
  app.get('/usage', () => html(page('Usage', '<p>What the sessions of this simulator would have cost.</p>')));
  app.get('/pricing', () => html(page('Pricing', '<p>Plans and top-ups would be sold here.</p>')));
  app.get('/workflows/:id/workspace', () => html(page('Workspace', '<p>ComfyUI would open here.</p>')));
}

export function notFoundPage(): Response {
  return html(page('Page not found', '<p>There is nothing here.</p>'), 404);
}

/** `content` is markup. */
export function page(title: string, content: string): string {
  const links = ['sessions', 'api-keys', 'usage', 'pricing'].map((name) => `<a href="/${name}">${name}</a>`).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<style>${STYLE}</style></head><body><nav>${links}</nav><main><h1>${escaped(title)}</h1>${content}</main></body></html>`;
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function table(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const [first] = rows;
  if (!first) return '<p>None.</p>';
  const head = Object.keys(first).map((name) => `<th>${escaped(name)}</th>`);
  const body = rows.map(
    (row) =>
      `<tr>${Object.values(row)
        .map((value) => `<td>${escaped(String(value))}</td>`)
        .join('')}</tr>`,
  );
  return `<table><tr>${head.join('')}</tr>${body.join('')}</table>`;
}
