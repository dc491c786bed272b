import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isOpenable } from '../../../src/platform/baseUrl';
import { openPage } from '../../../src/page/sessionPage';
import { page, decoded, policyOf } from './sessionPage';

test('the policy names one origin for every address that it takes', () => {
  const hosts = fc.oneof(fc.string(), fc.stringMatching(/^[\w.*;,'-]{1,12}(:\d{1,4})?$/));
  fc.assert(
    fc.property(hosts, fc.string(), (host, path) => {
      const url = `https://${host}/${path}`;
      if (!isOpenable(url)) return assert.throws(() => page({ url }), RangeError);
      assert.match(policyOf(page({ url })), /; frame-src https:\/\/[\w.-]+(:\d+)?$/);
    }),
    { numRuns: 300 },
  );
});

test('whatever words it is given, the page stays the same document', () => {
  const tags = (html: string) => html.match(/<[^>]*?(?=[\s>])/g);
  const plain = tags(page({ url: 'https://one.tunnel.test/' }));
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('</title><script>', '"><img src=x onerror=y>', "' onload='x", '&quot;'),
  );
  fc.assert(
    fc.property(word, word, word, word, word, (title, sessionId, scope, headline, path) => {
      const state = { ...openPage(), headline, log: [headline, title] };
      const html = page({ title, sessionId, scope, state, url: `https://one.tunnel.test/${encodeURIComponent(path)}` });

      assert.deepEqual(tags(html), plain);
      const body = /<body data-session="([^"]*)" data-scope="([^"]*)" data-state="([^"]*)">/.exec(html);
      const [, id = '', whose = '', json = ''] = body ?? [];
      assert.deepEqual([decoded(id), decoded(whose)], [sessionId, scope]);
      assert.deepEqual(JSON.parse(decoded(json)), state);
    }),
    { numRuns: 200 },
  );
});
