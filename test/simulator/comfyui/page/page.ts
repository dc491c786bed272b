import { Hono } from 'hono';
import { pythonJson } from '../json';
import { contentTypeOf, serveFile } from '../serveFile';
import canvas from './canvas.mjs' with { type: 'text' };
import { defaultWorkflow } from './defaultGraph';
import graph from './graph.mjs' with { type: 'text' };
import index from './index.html' with { type: 'text' };
import main from './main.mjs' with { type: 'text' };
import plugin from './plugin.mjs' with { type: 'text' };
import server from './server.mjs' with { type: 'text' };
import style from './style.css' with { type: 'text' };

/** How the page behaves towards the window around it; read anew at each load. */
export interface PageManners {
  frameRefused: boolean;
  pluginAbsent: boolean;
  /** The page says that it has loaded a graph, and its canvas stays empty. */
  graphsIgnored: boolean;
  /** The page posts every message it can to the window around it, all the time. */
  hostile: boolean;
  storageNeeded: boolean;
}

const ASSETS: Readonly<Record<string, string>> = {
  'canvas.mjs': canvas,
  'graph.mjs': graph,
  'main.mjs': main,
  'plugin.mjs': plugin,
  'server.mjs': server,
  'style.css': style,
  'defaultGraph.json': pythonJson(defaultWorkflow),
};

const UNCACHED = { 'Cache-Control': 'no-cache', Pragma: 'no-cache', Expires: '0' } as const;

/** The editor's page and its files: at the root only. */
export function pageRoutes(manners: PageManners, modifiedAt: number): Hono {
  const app = new Hono();
  app.get('/', (c) => {
    const bytes = Buffer.from(mannered(manners));
    const framing = manners.frameRefused ? { 'X-Frame-Options': 'DENY' } : {};
    // When the answer is "not modified", a browser keeps the headers it has stored.
    const changedAt = manners.frameRefused ? modifiedAt + 1_000 : modifiedAt;
    const headers = { ...UNCACHED, ...framing, 'Content-Type': 'text/html' };
    return serveFile(c.req.raw, { bytes, modifiedAt: changedAt }, headers);
  });
  for (const [name, content] of Object.entries(ASSETS)) {
    const file = { bytes: Buffer.from(content), modifiedAt };
    app.get(`/assets/${name}`, (c) => serveFile(c.req.raw, file, { ...UNCACHED, 'Content-Type': contentTypeOf(name) }));
  }
  return app;
}

const mannered = ({ pluginAbsent, graphsIgnored, hostile, storageNeeded }: PageManners): string =>
  index
    .replace('data-plugin="present"', `data-plugin="${pluginAbsent ? 'absent' : 'present'}"`)
    .replace('data-graphs="taken"', `data-graphs="${graphsIgnored ? 'ignored' : 'taken'}"`)
    .replace('data-intent="good"', `data-intent="${hostile ? 'hostile' : 'good'}"`)
    .replace('data-storage="guarded"', `data-storage="${storageNeeded ? 'needed at start' : 'guarded'}"`);
