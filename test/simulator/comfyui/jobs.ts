import { Hono } from 'hono';
import { bodyOf, json } from './answers';
import type { Run } from './history';
import { asRecord } from './json';
import type { QueueItem } from './queue';
import type { Server } from './server';

/** /api/jobs, which only newer servers have: light entries of what waits, runs and has run. */
export function jobsRoutes({ queue, history, runner }: Server): Hono {
  const app = new Hono();
  const all = () => [
    ...history.runs.map(finishedJob),
    ...(queue.running ? [unfinishedJob(queue.running, 'in_progress')] : []),
    ...queue.pending.map((item) => unfinishedJob(item, 'pending')),
  ];
  const cancel = (id: string): boolean => {
    const running = queue.running?.promptId === id;
    const pending = queue.pending.some((item) => item.promptId === id);
    if (running) runner.pace.interrupt();
    queue.delete(id);
    return running || pending;
  };

  app.get('/jobs', (c) => {
    const wanted = c.req.query('status')?.split(',');
    const jobs = all().filter(({ status }) => wanted?.includes(status) ?? true);
    const offset = Number(c.req.query('offset') ?? 0);
    const limit = Number(c.req.query('limit') ?? jobs.length);
    const page = jobs.slice(offset, offset + limit);
    const has_more = offset + page.length < jobs.length;
    return json({ jobs: page, pagination: { offset, limit, total: jobs.length, has_more } });
  });
  app.get('/jobs/:id', (c) => {
    const job = all().find(({ id }) => id === c.req.param('id'));
    return job ? json(job) : json({ error: 'Job not found' }, 404);
  });
  app.post('/jobs/:id/cancel', (c) => json({ cancelled: cancel(c.req.param('id')) }));
  app.post('/jobs/cancel', async (c) => {
    const ids: unknown = asRecord(await bodyOf(c.req.raw))?.['job_ids'];
    const cancelled = (Array.isArray(ids) ? ids : []).map((id) => cancel(String(id)));
    return json({ cancelled: cancelled.includes(true) });
  });
  return app;
}

const unfinishedJob = ({ promptId, number, extraData }: QueueItem, status: 'pending' | 'in_progress') => ({
  id: promptId,
  status,
  priority: number,
  create_time: extraData['create_time'],
});

function finishedJob({ item, ended, messages, outputs }: Run) {
  const interrupted = messages.some(([type]) => type === 'execution_interrupted');
  const failed = interrupted ? 'cancelled' : 'failed';
  return {
    id: item.promptId,
    status: ended === 'success' ? 'completed' : failed,
    priority: item.number,
    create_time: item.extraData['create_time'],
    execution_start_time: messages.at(0)?.[1]['timestamp'],
    execution_end_time: messages.at(-1)?.[1]['timestamp'],
    outputs_count: Object.keys(outputs).length,
  };
}
