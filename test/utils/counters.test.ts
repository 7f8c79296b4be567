import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { Counters } from '../../src/utils/counters.js';

test('a counter begins at nought and adds up, apart from the others', () => {
  const counters = new Counters();
  counters.add('rows', 2);
  counters.add('rows', 3);
  counters.add('dead', 1);
  expect(['rows', 'dead', 'loaded'].map((name) => counters.get(name as 'rows'))).toEqual([5, 1, 0]);
});

test('what one adds the other sees through shared memory, and a restart goes on from there', () => {
  const first = new Counters();
  first.add('messages', 10);
  const second = new Counters(first.shared);
  second.add('messages', 5);
  expect(first.get('messages')).toBe(15);
});

test('numbers beyond 32 bits are counted', () => {
  const counters = new Counters();
  counters.add('bytes', 2 ** 40);
  counters.add('bytes', 1);
  expect(counters.get('bytes')).toBe(2 ** 40 + 1);
});

test('another thread adds while this one looks', async () => {
  const counters = new Counters();
  const url = new URL('../../dist/utils/counters.js', import.meta.url).href;
  const code = `import(${JSON.stringify(url)}).then(({ Counters }) => {
    const counters = new Counters(require('node:worker_threads').workerData);
    for (let i = 0; i < 1000; i++) counters.add('loaded', 1);
  });`;
  await once(new Worker(code, { eval: true, workerData: counters.shared }), 'exit');
  expect(counters.get('loaded')).toBe(1000);
});
