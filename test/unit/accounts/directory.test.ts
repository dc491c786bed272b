import assert from 'node:assert/strict';
import test from 'node:test';
import { Directory } from '../../../src/accounts/directory';
import { ApiError } from '../../../src/platform/errors';
import { ManualClock, settled } from '../../fakes/manualClock';

function setup() {
  const clock = new ManualClock();
  const known: { asked: number; answer: () => Promise<string | undefined> } = {
    asked: 0,
    answer: () => Promise.resolve('Mira Okafor'),
  };
  const getUserName = () => {
    known.asked++;
    return known.answer();
  };
  return { clock, known, directory: new Directory({ getUserName }, clock) };
}

test('a name that could not be had is asked for again, after a rest', async () => {
  const { clock, known, directory } = setup();
  known.answer = () => Promise.reject(new ApiError('offline', 'No way.'));
  const look = async () => {
    const name = directory.nameOf('user_mira');
    await settled();
    return name;
  };
  for (let n = 0; n < 10; n++) assert.equal(await look(), undefined);
  assert.equal(known.asked, 1);
  known.answer = () => Promise.resolve('Mira Okafor');
  await clock.advance(60_000);
  await look();
  assert.deepEqual([await look(), known.asked], ['Mira Okafor', 2]);
});

test('a name that the server does not have is asked for once', async () => {
  const { clock, known, directory } = setup();
  known.answer = () => Promise.resolve(undefined);
  for (let n = 0; n < 3; n++) {
    assert.equal(directory.nameOf('user_nobody'), undefined);
    await clock.advance(3_600_000);
  }
  assert.equal(known.asked, 1);
});
