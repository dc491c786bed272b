import assert from 'node:assert/strict';
import test from 'node:test';
import { plainLines, plainName, plainText } from '../../../src/platform/plainText';

test('the time it takes does not grow with what is thrown away', () => {
  for (const piece of ['[', '](', '$(', '\u0301', ' ', '\u200b', 'eyJ', 'https://', 'a.', '\ud800', '/a', '\n']) {
    const huge = Buffer.from(piece.repeat(1_000_000), 'utf16le').toString('utf16le');
    const before = process.cpuUsage();
    for (const wayOut of [plainText, plainName, plainLines]) wayOut(huge);
    const { user } = process.cpuUsage(before);
    assert.ok(user < 250_000, `${JSON.stringify(piece)} took ${user} µs`);
  }
});
