import * as z from 'zod/mini';
import { parseBaseUrl } from '../../src/platform/baseUrl';
import { Http, type HttpRequest } from '../../src/platform/http';
import { ServerTime } from '../../src/platform/serverTime';
import { FakeComfyDeploy } from './comfyDeploy';
import { ManualClock } from './manualClock';
import { KEY, LogBook } from './setup';

/** Requests alone, without the readers of their answers. */
export function setupHttp({ baseUrl = 'https://api.test/api', isSignedIn = true } = {}) {
  const clock = new ManualClock();
  const api = new FakeComfyDeploy(clock);
  const serverTime = new ServerTime(clock);
  const log = new LogBook();
  const http = new Http({
    baseUrl: () => parseBaseUrl(baseUrl, 'some.setting', false),
    token: async () => (isSignedIn ? KEY : undefined),
    clock,
    serverTime,
    log,
    fetch: api.fetch,
    random: () => 0.5,
  });
  const ask = (request: Partial<HttpRequest> = {}) =>
    http.request({ method: 'GET', path: '/sessions', ...request }, z.unknown());
  return { api, clock, serverTime, log, http, ask };
}
