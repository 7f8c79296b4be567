import { expect, test } from 'vitest';
import { nearestName } from '../../src/utils/nearest-name.js';

const KNOWN = ['variety', 'depends_on', 'profile', 'uri', 'records', 'include', 'stage', 'name', 'type'];

test.each([
  ['varety', 'variety'],
  ['vareity', 'variety'],
  ['Variety', 'variety'],
  ['depend_on', 'depends_on'],
  ['dependsOn', 'depends_on'],
  ['url', 'uri'],
  ['nmae', 'name'],
  ['tpye', 'type'],
  ['record', 'records'],
])('%s is taken for %s', (name, meant) => {
  expect(nearestName(name, KNOWN)).toBe(meant);
});

test.each(['', 'x', 'completely_different', 'zzzz'])('%j is near to none', (name) => {
  expect(nearestName(name, KNOWN)).toBeUndefined();
});

test('where nothing is known nothing is near', () => {
  expect(nearestName('a', [])).toBeUndefined();
});
