import assert from 'node:assert/strict';
import test from 'node:test';
import { accountOf } from '../../../src/accounts/account';
import { redact } from '../../../src/platform/logger';
import { Secrets } from '../../../src/platform/secrets';
import { keyOf } from '../../fakes/keys';

test('a key cut short does not survive either', () => {
  const key = keyOf({ user_id: 'user-me' });
  for (const length of [16, 40, key.length - 5]) {
    assert.equal(redact(`Bearer ${key.slice(0, length)}`), 'Bearer [key]');
  }
});

test('a key whose letters are escaped or set apart does not survive', () => {
  const key = keyOf({ user_id: 'user-me' });
  const [secrets, hex] = [new Secrets(), (letter: string) => letter.charCodeAt(0).toString(16).padStart(2, '0')];
  secrets.key(key);
  const escapes = [
    (letter: string) => `\\u00${hex(letter)}`,
    (letter: string) => `%${hex(letter).toUpperCase()}`,
    (letter: string) => `%2525${hex(letter)}`,
  ];
  for (const escape of escapes) {
    const beginning = key.replace('e', escape('e'));
    for (const text of [beginning, beginning.replaceAll('a', escape('a')), Array.from(key, escape).join('')]) {
      assert.equal(secrets.hide(`Bearer ${text} x`), 'Bearer [key] x', text);
      assert.equal(redact(`is ${text} so`), 'is [key] so');
    }
  }
  for (const gap of ['\n', '\r\n ', '\u200b', '\u00ad'])
    assert.equal(
      secrets.hide(`Bearer ${key.slice(0, 9)}${gap}${key.slice(9, 40)}${gap}${key.slice(40)} x`),
      'Bearer [key] x',
    );
});

test('a tunnel does not survive without its scheme', () => {
  assert.equal(redact('listening on ta-01abc-8188.w.modal.host:443'), 'listening on [address]:443');
  assert.equal(redact('see TA-01abc.Modal.Run'), 'see [address]');
});

test('everything else stays as it is', () => {
  for (const text of ['', 'Warming up ComfyUI...', 'GPUEvent not found', 'GET /session/4f3c 200 in 12 ms', 'eyJ'])
    assert.equal(redact(text), text);
  assert.equal(redact('open https://one.example/ now'), 'open https://[address] now');
});

test('no address survives in the spellings of JSON and of queries', () => {
  for (const text of [
    'https:\\/\\/one.tunnel.test\\/view',
    'HTTPS://ONE.TUNNEL.TEST/view',
    'https%3A%2F%2Fone.tunnel.test%2Fview',
    'https%3a%2f%2fone.tunnel.test',
    'https%253A%252F%252Fone.tunnel.test',
    'https:\\u002f\\u002fone.tunnel.test',
    'https://user:word@one.tunnel.test/',
    'https://xn--bcher-kva.test/',
  ]) {
    assert.match(redact(`at ${text} now`), /^at https:\/\/\[address\] now$/i, text);
  }
  assert.equal(redact('It must start with https://.'), 'It must start with https://.');
});

const TOKEN = 'cd_live.4f3c-Zz9+/secret';

test('a key of any shape is taken out once it is known, however it is spelled', () => {
  const secrets = new Secrets();
  secrets.key(TOKEN);
  for (const text of [TOKEN, encodeURIComponent(TOKEN), TOKEN.replaceAll('.', '%2E')])
    assert.equal(secrets.hide(`Bearer ${text}, x`), 'Bearer [key], x');
  for (const dot of ['.', '%2e', '%252E', '\\u002e', '\\.', '&#46;', '&#x2e;'])
    for (const dash of ['-', '%2D', '%252d', '\\u002d', '\\u002D', '&#45;'])
      for (const slash of ['/', '\\/', '%2F', '\\u002f']) {
        const text = `cd_live${dot}4f3c${dash}Zz9+${slash}secret`;
        assert.equal(secrets.hide(`Bearer ${text}, x`), 'Bearer [key], x', text);
      }
  for (const before of ['', 'a', 'ab', 'Bearer '])
    for (const after of ['', 'c', ':cd', ', and more']) {
      const text = btoa(before + TOKEN + after);
      for (const shown of [text, text.replaceAll('+', '-').replaceAll('/', '_')])
        assert.match(secrets.hide(`basic ${shown} x`), /^basic .{0,12}\[key\].{0,18} x$/, before + after);
    }
  secrets.key('short');
  assert.equal(secrets.hide('a short word'), 'a short word');
});

test('a key is taken out also where it begins like the end of an escape', () => {
  const secrets = new Secrets();
  secrets.key('aa.+=..-+-');
  for (const before of ['%', '\\x', '&#x']) assert.equal(secrets.hide(`${before}aa.+=..-+- x`), `${before}[key] x`);
});

test('what is left of a key at a cut is taken out, too', () => {
  const secrets = new Secrets();
  secrets.key(TOKEN);
  for (let length = 8; length < TOKEN.length; length++) {
    const part = TOKEN.slice(0, length);
    assert.equal(secrets.hide(`It has ${part}`), 'It has [key]');
    assert.equal(secrets.hide(`It has ${part}… and ${part}…. Try again.`), 'It has [key]… and [key]…. Try again.');
  }
  assert.equal(secrets.hide(`It has ${TOKEN.slice(0, 7)}`), `It has ${TOKEN.slice(0, 7)}`);
});

test("a session's host is taken out once it is known, with or without scheme, in every spelling", () => {
  const secrets = new Secrets();
  secrets.address('https://abc123.gpu.example.org:8443/s/1?token=2');
  secrets.address('https://bücher.example.org/');
  for (const text of [
    'abc123.gpu.example.org',
    'ABC123.GPU.Example.ORG',
    'abc123.gpu.example.org.',
    'abc123.gpu.example.org:8443',
    'abc123.gpu.example.org:8443/s/1?token=2',
    'abc123%2Egpu%2Eexample%2Eorg',
    'abc123.gpu.example.org%2Fs%2F1',
    'xn--bcher-kva.example.org',
    'bücher.example.org',
    'BÜCHER.example.org',
    'abc123。gpu。example。org',
    'abc123\uff0egpu\uff0eexample\uff0eorg',
    'abc123\uff61gpu\uff61example\uff61org',
    'abc123\\u002egpu\\u002Eexample\\u002eorg',
    'abc123\\.gpu\\.example\\.org',
    'abc123&#46;gpu&#x2E;example&period;org',
    'abc123.gpu.exa\nmple.org',
    'abc123.gpu.\r\nexample.org',
    'abc\u200b123.gpu.exam\u00adple.org',
    '\\u0061bc123.\\u0067pu.exampl\\u0065.or\\u0067',
    '%61bc123.%2567pu.example.o%72g%2Fs',
    '&#97;bc123&period;&#x67;pu.example.org',
  ]) {
    assert.equal(secrets.hide(`see ${text} now`), 'see [address] now', text);
    assert.equal(secrets.hide(`{"host":"${text}"}`), '{"host":"[address]"}', text);
  }
  const other = 'gpu.example.org and localhost:8188 stay, GET /session/4f3c 200 in 12 ms';
  secrets.address('http://localhost:8188/');
  secrets.address('http://127.0.0.1:8188/');
  secrets.address('nonsense');
  assert.equal(secrets.hide(other), other);
});

test('a key says whose it is and until when it lives', () => {
  assert.deepEqual(accountOf(keyOf({ user_id: 'user-ü', org_id: 'org-1', exp: 1_900_000_000 })), {
    userId: 'user-ü',
    orgId: 'org-1',
    expiresAt: 1_900_000_000_000,
  });
  assert.deepEqual(accountOf(keyOf({ user_id: 'user-me', org_id: null })), {
    userId: 'user-me',
    orgId: undefined,
    expiresAt: undefined,
  });
});

test('a host whose letters are written as a letter and a mark is hidden, too', () => {
  const secrets = new Secrets();
  secrets.address('https://\u00e9t\u00e9-\u0130.tunnel.example.org/');
  for (const host of [
    '\u00e9t\u00e9-\u0130',
    'e\u0301te\u0301-\u0130',
    '\u00e9t\u00e9-i\u0307',
    'E\u0301TE\u0301-I\u0307',
  ])
    assert.equal(secrets.hide(`no answer of ${host}.tunnel.example.org`), 'no answer of [address]', host);
});
