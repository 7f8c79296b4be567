import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { type ChaosResult, runChaos } from '../../scripts/chaos/chaos.mjs';
import { judge } from '../../scripts/chaos/judge.mjs';
import { Screen } from '../../scripts/chaos/screen.mjs';
import { statusLine } from '../../scripts/chaos/status-line.mjs';
import { until } from '../support/until.js';

interface Started {
  readonly chaos: Promise<ChaosResult>;
  /** What stands on the screen by now. */
  readonly shown: () => string;
  readonly stop: AbortController;
  readonly close: () => Promise<void>;
}

function start(seed: number, seconds: number): Started {
  const opened: (() => unknown)[] = [];
  const stop = new AbortController();
  let shown = '';
  const screen = new Screen({ write: (text: string) => (shown += text) }, false);
  const chaos = runChaos({ seed, seconds, version: undefined, screen, signal: stop.signal, opened });
  const close = async () => {
    for (const closeOne of opened.splice(0).reverse()) await closeOne();
  };
  onTestFinished(async () => {
    stop.abort();
    await chaos.catch(() => {});
    await close();
    rmSync(folderIn(shown), { recursive: true, force: true });
  });
  return { chaos, shown: () => shown, stop, close };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function pidsIn(shown: string): number[] {
  return Array.from(shown.matchAll(/pid (\d+)/g), ([, digits]) => Number(digits));
}

/** Of the stages and the log. */
function folderIn(shown: string): string {
  return /^ {2}(\/\S+)\/config\.yml$/m.exec(shown)?.[1] as string;
}

/** @returns how many rows it changed */
async function change(url: string, sql: string): Promise<number | null> {
  const client = new Client(url);
  client.on('error', () => {});
  await client.connect();
  const { rowCount } = await client.query(sql).finally(() => client.end());
  return rowCount;
}

/** Lost and doubled, as the comparison of a run that has ended finds them now. */
async function judgedAgain({ stand, counts }: ChaosResult): Promise<object> {
  const isExact = await judge(stand, counts, () => {});
  return { isExact, lost: counts.lost, doubled: counts.doubled };
}

test('killed, cut off and with its database crashed, socket-el loses no row and doubles none', async () => {
  const { chaos, shown, close } = start(5, 10);
  const result = await chaos;
  expect(result, shown()).toMatchObject({ isExact: true, counts: { lost: 0, doubled: 0 } });
  const { killed, cut, crashed, rows } = result.counts;
  expect(Math.min(killed, cut, crashed), shown()).toBeGreaterThan(0);
  expect(rows).toBeGreaterThan(100_000);
  expect(shown()).toContain(`${statusLine(result.counts)}\n`);

  // A row that is missing or too many would have been seen.
  const { url } = result.stand.server;
  expect(await change(url, 'DELETE FROM chaos.from_file WHERE seq = 4711')).toBe(1);
  expect(await judgedAgain(result)).toEqual({ isExact: false, lost: 1, doubled: 0 });
  const again = 'INSERT INTO chaos.from_socket SELECT * FROM chaos.from_socket ORDER BY seq LIMIT 1';
  expect(await change(url, again)).toBe(1);
  expect(await judgedAgain(result)).toEqual({ isExact: false, lost: 1, doubled: 1 });

  await close();
  expect(pidsIn(shown()).filter(isAlive)).toEqual([]);
}, 150_000);

test('a row that is lost meanwhile is seen at once and at the end, and what there is to look at is kept', async () => {
  const { chaos, shown, close } = start(7, 2);
  const loses = async () => {
    const port = /PostgreSQL \S+ on port (\d+)/.exec(shown())?.[1];
    const url = `postgres://postgres:password@127.0.0.1:${port}/test`;
    return (await change(url, 'DELETE FROM chaos.from_file WHERE seq = 17')) === 1;
  };
  await until(loses, { timeoutMs: 60_000, what: 'row 17' });
  const { isExact, counts, stand } = await chaos;
  expect({ isExact, ...counts }, shown()).toMatchObject({ isExact: false, lost: 1, doubled: 0 });
  expect(shown()).toContain('found in the tables: lost 1, doubled 0');
  await close();
  expect(readFileSync(join(stand.folder, 'differences.txt'), 'utf8')).toContain('lost: {"seq":"17"');
}, 150_000);

test('stopped in the middle it leaves no process and no folder behind', async () => {
  const { chaos, shown, stop, close } = start(6, 10);
  const isKilled = () => shown().includes('SIGKILL (pid');
  await until(isKilled, { timeoutMs: 60_000, what: 'the first kill' });
  const reason = new Error('stopped by the test');
  stop.abort(reason);
  await expect(chaos).rejects.toBe(reason);
  await close();
  expect(pidsIn(shown()).length).toBeGreaterThan(1);
  expect(pidsIn(shown()).filter(isAlive)).toEqual([]);
  expect(existsSync(folderIn(shown()))).toBe(false);
}, 150_000);
