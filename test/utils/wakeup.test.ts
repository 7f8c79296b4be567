import { expect, test } from 'vitest';
import { Wakeup } from '../../src/utils/wakeup.js';

test('a ring ends the present wait', async () => {
  const wakeup = new Wakeup();
  const wait = wakeup.wait();
  wakeup.ring();
  await wait;
});

test('a ring while nobody waits ends the next wait, and only that one', async () => {
  const wakeup = new Wakeup();
  wakeup.ring();
  wakeup.ring();
  await wakeup.wait();
  let isOver = false;
  const second = wakeup.wait().then(() => (isOver = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  wakeup.ring();
  await second;
});

test('a wait ends by itself when its time is up', async () => {
  const startedMs = performance.now();
  await new Wakeup().wait(30);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(28);
});

test('no ring is lost between many rings and many waits', async () => {
  const wakeup = new Wakeup();
  let made = 0;
  let seen = 0;
  const reader = (async () => {
    for (; seen < 1000; seen = made) await wakeup.wait();
  })();
  for (; made < 1000; ) {
    made++;
    wakeup.ring();
    if (made % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await reader;
  expect(seen).toBe(1000);
});
