import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startCli } from '../support/cli.js';
import { drives } from '../support/drives.js';
import { findFreePort } from '../support/free-port.js';
import { receive } from '../support/receive.js';
import { createTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';

/** Starts `feed serve` in a folder where `recorded` has three lines, and gives the address that it prints. */
async function serve(...args: readonly string[]): Promise<string> {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'recorded'), '{"n":1}\nno JSON\n{"n":2}\n');
  const cli = startCli(['feed', 'serve', ...args], { home: folder, cwd: folder });
  const address = () => /^feed: (ws:\S+)\n/.exec(cli.stdout)?.[1];
  return cli.whileRunning(address, { timeoutMs: 10_000, what: 'the address of the feed' });
}

const serveAnywhere = (...args: readonly string[]) => serve('--port', '0', ...args);

/** Connects, and gives the first messages, or all when the feed closes before. */
async function firstMessages(address: string, count = Number.POSITIVE_INFINITY): Promise<readonly string[]> {
  const received = await receive(address);
  const isEnough = () => received.messages.length >= count || received.closeCode !== undefined;
  await until(isEnough, { timeoutMs: 10_000, what: 'messages of the feed' });
  return received.messages.slice(0, count);
}

drives('verb feed serve', 'numbered trades, of an exchange that the path names', async () => {
  const trades = await firstMessages(`${await serveAnywhere()}/trades/kraken`, 2);
  expect(trades.map((text) => JSON.parse(text))).toMatchObject([
    { seq: 0, exchange: 'kraken' },
    { seq: 1, exchange: 'kraken' },
  ]);
});

drives('flag feed serve --host', 'only the address that is listened on answers', async () => {
  const { port } = new URL(await serveAnywhere('--host', '127.0.0.2'));
  expect(await firstMessages(`ws://127.0.0.2:${port}`, 1)).toHaveLength(1);
  await expect(receive(`ws://127.0.0.1:${port}`)).rejects.toThrow('ECONNREFUSED');
});

drives('flag feed serve --host', 'an address of IPv6, written as one can connect to', async () => {
  const received = await receive(await serveAnywhere('--host', '::1'));
  await until(() => received.messages.length > 0, { timeoutMs: 10_000, what: 'a message' });
});

drives('flag feed serve --port', 'the port that is listened on', async () => {
  const port = await findFreePort();
  await serve('--port', String(port));
  expect(await firstMessages(`ws://127.0.0.1:${port}`, 1)).toHaveLength(1);
});

drives('flag feed serve --rate', 'messages come at no more than so many a second', async () => {
  const address = await serveAnywhere('--rate', '20');
  const startedMs = performance.now();
  await firstMessages(address, 30);
  expect(performance.now() - startedMs).toBeGreaterThan(1400);
});

drives('flag feed serve --count', 'so many messages', async () => {
  const address = await serveAnywhere('--count', '3', '--close');
  expect(await firstMessages(address)).toHaveLength(3);
});

drives('flag feed serve --seed', 'the same trades for the same seed, others for another', async () => {
  const addresses = await Promise.all(['7', '7', '8'].map((seed) => serveAnywhere('--seed', seed)));
  const [one, same, other] = await Promise.all(addresses.map((address) => firstMessages(address, 5)));
  expect(same).toEqual(one);
  expect(other).not.toEqual(one);
});

drives('flag feed serve --replay', 'the lines of a file', async () => {
  const address = await serveAnywhere('--replay', 'recorded');
  expect(await firstMessages(address, 3)).toEqual(['{"n":1}', 'no JSON', '{"n":2}']);
});

drives('flag feed serve --close', 'the connection is closed after the last message', async () => {
  const received = await receive(await serveAnywhere('--count', '3', '--close'));
  await until(() => received.closeCode, { timeoutMs: 10_000, what: 'the end of the connection' });
  expect([received.messages.length, received.closeCode]).toEqual([3, 1000]);
});
