import assert from 'node:assert/strict';
import test from 'node:test';
import { namedOutput, outputAddress } from '../../../src/outputs/outputAddress';
import { sessionId } from '../../fakes/setup';

const ID = sessionId('0f8fad5b-d9cb-469f-a165-70867728950e');
const file = { type: 'output', subfolder: '', filename: 'fox_00001_.png' };
const pathOf = (changes: Partial<typeof file>, place = 'sd-box L4') =>
  outputAddress({ sessionId: ID, file: { ...file, ...changes } }, place).path;

test('the levels of an address are what a person would say', () => {
  assert.equal(pathOf({}), '/sd-box L4/Outputs/fox_00001_.png');
  assert.equal(pathOf({ subfolder: 'video/new' }), '/sd-box L4/Outputs/video/new/fox_00001_.png');
  assert.equal(pathOf({ type: 'temp' }), pathOf({}), 'which of two that look alike it is stands elsewhere');
  assert.equal(pathOf({}, 'a/../b'), '/a_.._b/Outputs/fox_00001_.png');
  assert.equal(pathOf({ filename: '../a\u202eb\n100%' }), '/sd-box L4/Outputs/..%2Fa%E2%80%AEb%0A100%25');
  assert.equal(pathOf({ subfolder: '../..' }), '/sd-box L4/Outputs/%2E%2E/%2E%2E/fox_00001_.png');
});

test('the session is part of what VS Code does not show, short enough for the name of a host', () => {
  const { authority } = outputAddress({ sessionId: ID, file }, 'sd-box L4');
  assert.equal(authority, '0f8fad5bd9cb469fa16570867728950e');
  assert.ok(`comfydeploy-output+${authority}`.length < 64);
});

test('other addresses name no file', () => {
  for (const [authority, odd] of [
    ['', '/'],
    ['', `/${ID}/WyJ0ZW1wIiwiYSIsImIucG5nIl0/b.png`],
    ['x', '/a/Outputs/b.png'],
    ['xff', '/a/Outputs/%ff'],
    ['x41', '/a'],
    ['x41', '/a/Outputs/'],
  ] as const)
    assert.equal(namedOutput({ authority, path: odd }), undefined, `${authority} ${odd}`);
});
