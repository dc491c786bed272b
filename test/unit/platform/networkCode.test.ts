import assert from 'node:assert/strict';
import test from 'node:test';
import { networkCodeOf } from '../../../src/platform/networkCode';
import { networkHintOf } from '../../../src/platform/networkHint';
import { viewMessageOf, viewStateOf } from '../../../src/sidebar/viewState';
import { ApiError } from '../../../src/platform/errors';
import { NOW, ready } from '../../fakes/appState';
import { setupHttp } from '../../fakes/http';

const coded = (code: unknown, cause?: unknown) => Object.assign(new Error('https://secret.test', { cause }), { code });
const failed = (cause: unknown) => new TypeError('fetch failed', { cause });

test('the code is found however deep it lies', async () => {
  assert.equal(networkCodeOf(failed(coded('ENOTFOUND'))), 'ENOTFOUND');
  assert.equal(networkCodeOf(failed(failed(failed(coded('CERT_HAS_EXPIRED'))))), 'CERT_HAS_EXPIRED');
  const several = new AggregateError([new Error('x'), coded('ECONNREFUSED')]);
  assert.equal(networkCodeOf(failed(several)), 'ECONNREFUSED');
  assert.equal(networkCodeOf(new Error('net::ERR_PROXY_CONNECTION_FAILED')), 'ERR_PROXY_CONNECTION_FAILED');
  const tunnel = Object.assign(new Error('Proxy response (407) !== 200 when HTTP Tunneling'), {
    code: 'UND_ERR_ABORTED',
  });
  assert.equal(networkCodeOf(failed(tunnel)), 'PROXY_RESPONSE_407');
  assert.equal(networkCodeOf(failed(new Error('unexpected redirect'))), 'UNEXPECTED_REDIRECT');
  assert.equal(networkCodeOf(await fetch('http://127.0.0.1:1/').catch((error: unknown) => error)), 'BAD_PORT');
});

test('the log names the code once for each way to fail, and never the message', async () => {
  let cause: unknown = coded('SELF_SIGNED_CERT_IN_CHAIN');
  const { api, log, ask } = setupHttp();
  const failures = async () => {
    for (let round = 0; round < 3; round++) {
      api.fail('GET /sessions', { kind: 'broken', error: failed(cause) });
      await assert.rejects(ask({ attempts: 1 }), { kind: 'offline' });
    }
  };
  await failures();
  cause = coded('ENOTFOUND');
  await failures();
  await ask();
  await failures();
  assert.deepEqual(
    log.lines.filter((line) => line.includes('network')),
    ['SELF_SIGNED_CERT_IN_CHAIN', 'ENOTFOUND', 'ENOTFOUND'].map(
      (code) => `ComfyDeploy could not be reached. The network says ${code}.`,
    ),
  );
  assert.doesNotMatch(log.lines.join(), /secret/);
});

test('certificates and proxies get a hint in the view', () => {
  const problem = (code: string) => ({
    error: new ApiError('offline', 'ComfyDeploy could not be reached.', { code }),
    failures: 1,
    retryAt: NOW + 40_000,
  });
  const message = (code: string) => viewMessageOf({ snapshot: ready({ problem: problem(code) }), localNow: NOW });
  assert.match(
    message('UNABLE_TO_VERIFY_LEAF_SIGNATURE') ?? '',
    /certificate is not trusted here.*\(UNABLE_TO_VERIFY_/,
  );
  assert.match(message('ENOTFOUND') ?? '', /reached\. Check your connection\. .*http\.proxy \(ENOTFOUND\)\. Retrying/);
  assert.match(message('CERT_HAS_EXPIRED') ?? '', /expired, or this computer's clock is wrong/);
  assert.match(networkHintOf({ code: 'ECONNRESET' }) ?? '', /closed on the way/);
  assert.equal(networkHintOf({ code: 'EOTHER' }), undefined);
  assert.equal(networkHintOf({ code: undefined }), undefined);

  const state = (code: string) =>
    viewStateOf({ snapshot: { kind: 'failed', problem: problem(code) }, showUnavailable: true });
  assert.deepEqual(['SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS_CERT_ALTNAME_INVALID'].map(state), [
    'untrusted',
    'untrusted',
  ]);
  assert.deepEqual(['ECONNREFUSED', 'ECONNRESET', 'PROXY_RESPONSE_407'].map(state), ['noWay', 'noWay', 'noWay']);
  assert.deepEqual(['ERR_SSL_WRONG_VERSION_NUMBER', 'BAD_PORT'].map(state), ['misconfigured', 'misconfigured']);
  assert.equal(state('EOTHER'), 'offline');
});
