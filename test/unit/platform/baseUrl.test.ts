import assert from 'node:assert/strict';
import test from 'node:test';
import { asJudged, isOpenable, isUnexpected, parseBaseUrl, parseUrl } from '../../../src/platform/baseUrl';
import { ApiError } from '../../../src/platform/errors';

const parse = (text: string, allowInsecureHttp = false) => parseBaseUrl(text, 'some.setting', allowInsecureHttp);

test('an address loses its trailing slashes and the space around it', () => {
  assert.equal(parse('https://api.comfydeploy.com/api'), 'https://api.comfydeploy.com/api');
  assert.equal(parse(' https://api.comfydeploy.com/api// '), 'https://api.comfydeploy.com/api');
  assert.equal(parse('https://comfy.example.org:8443'), 'https://comfy.example.org:8443');
});

test('plain http is for this machine, unless it is permitted', () => {
  for (const host of ['localhost:3011', '127.0.0.1:3011', '127.8.9.1', '[::1]:3011'])
    assert.equal(parse(`http://${host}/api`), `http://${host}/api`);
  for (const host of ['192.168.1.4', 'example.org', 'localhost.example.org', '127.0.0.1.example.org']) {
    assert.throws(() => parse(`http://${host}/api`), /must use https/);
    assert.equal(parse(`http://${host}/api`, true), `http://${host}/api`);
  }
});

test('an address that cannot be used is named with its setting and what is wrong with it', () => {
  const wrong = [
    ['', /is not a web address/],
    ['api.example.org/api', /is not a web address/],
    ['ftp://api.example.org', /must start with https/],
    ['javascript:alert(1)', /must start with https/],
    ['https://:secret@api.example.org/api', /user name or password/],
    ['https://me:secret@api.example.org/api', /user name or password/],
    ['https://api.example.org/api?key=1', /without \? or #/],
    ['https://api.example.org/api#top', /without \? or #/],
    ['https://api.example.org/api?', /without \? or #/],
    ['https://api.example.org/api#', /without \? or #/],
    [`https://api.example.org/${'/'.repeat(40_000)}`, /is not a web address/],
  ] as const;
  for (const [text, reason] of wrong) {
    assert.throws(
      () => parse(text),
      (error) =>
        error instanceof ApiError &&
        error.kind === 'misconfigured' &&
        error.message.includes('some.setting') &&
        reason.test(error.message) &&
        !error.message.includes('secret'),
      text,
    );
  }
});

test('a page may be opened over https, or over http on this machine', () => {
  for (const url of [
    'https://one.tunnel.test/',
    'https://one.tunnel.test:8188',
    'http://localhost:8188',
    'http://[::1]/',
  ])
    assert.ok(isOpenable(url), url);
  for (const url of [
    'http://one.tunnel.test',
    'https://comfy.example.org@one.tunnel.test/',
    'https://me:secret@one.tunnel.test/',
    `https://one.tunnel.test/${'/'.repeat(40_000)}`,
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'one',
    '',
  ])
    assert.ok(!isOpenable(url), url);
});

test('an address on this computer is expected of a server on this computer only', () => {
  const far = 'https://api.comfydeploy.com/api';
  for (const address of [
    ...['http://localhost:8188/', 'http://127.0.0.1/', 'http://127.1/', 'http://[::1]:1/', 'https://localhost/'],
    ...[
      'https://localhost./',
      'https://a.localhost/',
      'https://0.0.0.0/',
      'https://[::ffff:127.0.0.1]/',
      'https://[::]/',
    ],
    ...['https://localhost.localdomain/', 'https://ip6-localhost/', 'https://ip6-loopback/', 'https://localhost6/'],
    ...['https://[::127.0.0.1]/', 'https://[::ffff:0:127.0.0.1]/', 'https://[64:ff9b::7f00:1]/'],
    ...['https://[64:ff9b::127.255.1.2]/', 'https://[64:ff9b::]/', 'https://[::ffff:0.0.0.0]/'],
  ]) {
    assert.ok(isUnexpected(address, far), address);
    assert.ok(isUnexpected(address, ''), address);
    assert.ok(!isUnexpected(address, 'http://localhost:3011/api'), address);
  }
  for (const address of [
    'https://one.tunnel.test/',
    'https://localhost.evil.test/',
    'https://[2001:db8::7f00:1]/',
    '',
    'x',
  ])
    assert.ok(!isUnexpected(address, far), address);
});

test('an address on the own network is expected of a server on this network or computer only', () => {
  const near = ['https://10.1.2.3/', 'https://192.168.0.1:8443/', 'https://172.31.0.1/', 'https://169.254.169.254/'];
  const odd = ['https://0xa.1/', 'https://167772161/', 'https://[::ffff:10.0.0.1]/', 'https://[64:ff9b::c0a8:1]/'];
  const six = ['https://[fd00::1]/', 'https://[fe80::1]/', 'https://100.64.1.1/'];
  for (const address of [...near, ...odd, ...six, 'https://router/', 'https://nas.local/', 'https://a.home.arpa./']) {
    for (const far of ['https://api.comfydeploy.com/api', 'https://11.0.0.1/', ''])
      assert.ok(isUnexpected(address, far), `${address} of ${far}`);
    for (const server of ['http://localhost:3011/api', 'https://10.0.0.7/api', 'https://comfy.internal/api'])
      assert.ok(!isUnexpected(address, server), `${address} of ${server}`);
  }
  assert.ok(isUnexpected('https://localhost/', 'https://10.0.0.7/api'), 'this computer is nearer still');
  for (const address of [
    'https://11.0.0.1/',
    'https://172.32.0.1/',
    'https://10.example.test/',
    'https://[2001:db8::1]/',
  ])
    assert.ok(!isUnexpected(address, 'https://api.comfydeploy.com/api'), address);
});

test('an address that two readers may read as two hosts is not opened', () => {
  for (const address of [
    'https://x.test\\@127.0.0.1:8443/',
    'https://x.test\\@localhost/',
    'https:\\\\x.test/',
    'https://x.test/a\\b',
    ...['\t', '\n', '\r', ' ', '\u00a0', '\u2028', '\0', '\x7f', '\u200b'].flatMap((mark) => [
      `https://x.test${mark}/`,
      `https://x.test/${mark}`,
      `${mark}https://x.test/`,
      `https://x.test/?a=${mark}b`,
    ]),
  ])
    assert.ok(!isOpenable(address), JSON.stringify(address));
  assert.ok(isOpenable('https://x.test/a%20b?c=%5C'));
});

test('an address is handed on as it was judged', () => {
  assert.equal(asJudged('https://one.tunnel.test'), 'https://one.tunnel.test');
  assert.equal(asJudged('https://one.tunnel.test/a?b=c'), 'https://one.tunnel.test/a?b=c');
  for (const spelled of ['https:/one.tunnel.test', 'https:one.tunnel.test/', 'HTTPS:///ONE.tunnel.test:443'])
    assert.equal(asJudged(spelled), 'https://one.tunnel.test/');
});

test('a host that would mean something else in a content policy is not opened', () => {
  for (const host of ['*', '*.example.org', 'a;b.example', 'x;script-src', "a'b.example", 'a,b.example'])
    assert.ok(!isOpenable(`https://${host}/`), host);
});

test('an address with a letter such as ü is one, also to code that has been compiled', () => {
  // Node 20: `URL.canParse` is wrong about it from about 5,000 calls on.
  for (let n = 0; n < 50_000; n++) assert.ok(parseUrl(n % 2 === 0 ? 'https://bücher.example.org/' : 'https://a.test/'));
  assert.deepEqual([parseUrl('nonsense'), parseUrl('/a', 'https://b.test/c')?.href], [undefined, 'https://b.test/a']);
});
