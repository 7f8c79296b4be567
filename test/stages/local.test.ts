import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { Batch, Follow } from '../../src/stages/stage.js';
import { MessageDecoder } from '../../src/utils/rows/message-decoder.js';
import { visitBatch } from '../../src/utils/rows/visit-batch.js';
import { readFacts, readGaps } from '../support/stage-files.js';
import { createTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';
import {
  chunkOf,
  contentOf,
  followStage,
  ONCE,
  openStage,
  putDurably,
  readLines,
  readSealed,
  stageAt,
} from './staged.js';

const NOBODY_RINGS_MS = 1300;

const HOLDER = `
import { LocalStage } from ${JSON.stringify(new URL('../../dist/stages/local.js', import.meta.url).href)};
const batch = { size: 10, bytes: 1e9, interval: 1e6 };
const context = { pipeline: 'p', consumer: 'trades', batch, replayable: false, logger: { log() {} } };
await new LocalStage({ folder: process.argv[1], allow_unsafe_fs: false }, context).open();
process.stdout.write('open');
setInterval(() => {}, 1000);
`;

/** Another process that has the stage open. */
async function startHolder(folder: string): Promise<ChildProcess> {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const args = ['--input-type=module', '-e', HOLDER, folder];
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const died = once(child, 'exit').then(() => {
    throw new Error('expected the other process to open the stage, and it ended');
  });
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), died]);
  died.catch(() => {});
  return child;
}

test('messages come back verbatim, in order, in batches that were sealed when asked', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  await stage.put(chunkOf(['{"a":1}', '{"a":"ü😀\\u2028"}']));
  await stage.put(chunkOf(['{"a":3}']));
  await stage.seal();
  await stage.put(chunkOf(['{"a":4}']));
  await stage.seal();
  expect(await readSealed(folder)).toMatchObject([
    { seq: 1, messages: 3, lines: ['{"a":1}', '{"a":"ü😀\\u2028"}', '{"a":3}'] },
    { seq: 2, messages: 1, lines: ['{"a":4}'] },
  ]);
});

test('sealing with nothing open makes no batch', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  await stage.seal();
  await stage.put([]);
  await stage.seal();
  await stage.close();
  expect(await readSealed(folder)).toEqual([]);
});

test('a batch ends at the chunk that reaches a threshold, and only between chunks', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { size: 3, bytes: 60 });
  for (const lines of [['1', '2'], ['3', '4'], ['5'], [`"${'x'.repeat(70)}"`], ['6']])
    await stage.put(chunkOf(lines));
  await stage.close();
  const found = (await readSealed(folder)).map(({ lines }) => lines.map((line) => line.slice(0, 2)));
  expect(found).toEqual([['1', '2', '3', '4'], ['5', '"x'], ['6']]);
  const facts = (await readFacts(folder)).filter(({ fact }) => fact === 'sealed');
  expect(facts.map(({ by }) => by)).toEqual(['size', 'bytes', 'stop']);
});

test('receipts say for each chunk where in the batch it lies, when it came and on which connection', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  await stage.put(chunkOf(['{"first":"batch"}']));
  await stage.seal();
  await stage.put(chunkOf(['{"a":1}'], { receivedAtUs: 1_700_000_000_000_001, connection: 3 }));
  await stage.put(chunkOf(['{"a":2}', '{"a":3}'], { receivedAtUs: 1_700_000_000_000_002, connection: 4 }));
  await stage.seal();
  const [, second] = await readSealed(folder);
  expect(second?.receipts).toEqual([
    { offset: 0, receivedAtUs: 1_700_000_000_000_001, connection: 3 },
    { offset: 8, receivedAtUs: 1_700_000_000_000_002, connection: 4 },
  ]);
});

test('one message is sealed by the interval, without a next message', async () => {
  const folder = await createTempFolder();
  let sealed = 0;
  const stage = await openStage(folder, { interval: 100, onSealed: (_, { batches }) => (sealed += batches) });
  const startedMs = performance.now();
  await stage.put(chunkOf(['{"a":1}']));
  await until(() => sealed === 1, { timeoutMs: 3000 });
  expect(performance.now() - startedMs).toBeGreaterThan(95);
  expect(await readLines(folder)).toEqual(['{"a":1}']);
  const facts = (await readFacts(folder)).filter(({ fact }) => fact === 'sealed');
  expect(facts).toMatchObject([{ by: 'interval' }]);
});

test('a reader sees what is durable only once it is sealed', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  const { batches } = followStage(folder);
  await putDurably(stage, ['{"a":1}']);
  const durableMs = performance.now();
  await until(() => performance.now() - durableMs > 350, { timeoutMs: 2000 });
  expect(batches).toEqual([]);
  await stage.seal();
  await until(() => batches.length === 1, { timeoutMs: 2000 });
  expect(await contentOf(batches[0] as Batch)).toMatchObject({ seq: 1, lines: ['{"a":1}'] });
});

test('a notice wakes the readers of the same object at once', async () => {
  const folder = await createTempFolder();
  const reading = stageAt(folder);
  const stage = await openStage(folder, { onSealed: (mark) => reading.notice(mark) });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const how: Follow = { ...ONCE, drained: new AbortController().signal, signal: stop.signal };
  const iterator = reading.batches('quick', how)[Symbol.asyncIterator]();
  onTestFinished(async () => void (await iterator.return?.()));
  const waits: number[] = [];
  for (let i = 0; i < 10; i++) {
    const next = iterator.next();
    await stage.put(chunkOf([`${i}`]));
    await stage.seal();
    const sealedMs = performance.now();
    await next;
    waits.push(performance.now() - sealedMs);
  }
  expect(waits.sort((a, b) => a - b)[5]).toBeLessThan(80);
});

test('two readers have cursors of their own, and a cursor outlives its reader', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { size: 1 });
  for (const line of ['1', '2', '3']) await stage.put(chunkOf([line]));
  await stage.seal();
  for await (const [batch] of stageAt(folder).batches('one', ONCE)) {
    await stage.commit('one', batch as Batch);
    if (batch?.seq === 2) break;
  }
  expect((await readSealed(folder, 'one')).map(({ seq }) => seq)).toEqual([3]);
  expect((await readSealed(folder, 'two')).map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

test('a batch that was not committed comes again', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  await stage.put(chunkOf(['1']));
  await stage.seal();
  expect(await readSealed(folder)).toEqual(await readSealed(folder));
});

test('a reader takes several batches at once up to its limits, and always at least one', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { size: 2 });
  for (let i = 0; i < 5; i++) await stage.put(chunkOf(['1', '2']));
  await stage.seal();
  const groups: number[][] = [];
  const limits = { messages: 4, bytes: 1000 };
  for await (const group of stageAt(folder).batches('r', { ...ONCE, limits }))
    groups.push(group.map(({ seq }) => seq));
  expect(groups.flat()).toEqual([1, 2, 3, 4, 5]);
  expect(groups.every((group) => group.length <= 2)).toBe(true);
  expect(groups.some((group) => group.length === 2)).toBe(true);
});

test('a reader that waits for the stage before there is one finds it', async () => {
  const folder = join(await createTempFolder(), 'later');
  const { batches } = followStage(folder);
  const stage = await openStage(folder);
  await stage.put(chunkOf(['1']));
  await stage.seal();
  await until(() => batches.length === 1, { timeoutMs: 3000 });
});

test('a reader ends with the source, after everything sealed', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  await stage.put(chunkOf(['1']));
  await stage.end('source');
  await stage.close();
  const { batches, ended } = followStage(folder);
  await ended;
  expect(batches.map(({ seq }) => seq)).toEqual([1]);
});

test('a reader does not end with a source that has only stopped, or that was opened again', async () => {
  const folder = await createTempFolder();
  const first = await openStage(folder);
  await first.end('source');
  await first.close();
  const second = await openStage(folder);
  await second.close();
  const { batches, ended } = followStage(folder);
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  const startedMs = performance.now();
  await until(() => performance.now() - startedMs > 2000 + NOBODY_RINGS_MS, { timeoutMs: 5000 });
  expect(hasEnded).toBe(false);
  const third = await openStage(folder);
  await third.put(chunkOf(['1']));
  await third.end('messages');
  await ended;
  expect(batches).toHaveLength(1);
});

test('aborting its signal ends a reader that waits', async () => {
  const folder = await createTempFolder();
  await openStage(folder);
  const stop = new AbortController();
  const how: Follow = { ...ONCE, drained: new AbortController().signal, signal: stop.signal };
  const next = stageAt(folder).batches('r', how)[Symbol.asyncIterator]().next();
  stop.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});

test('numbers of batches go on over many opens, and the id of the stage stays', async () => {
  const folder = await createTempFolder();
  const ids = new Set<string>();
  for (let i = 0; i < 5; i++) {
    const stage = await openStage(folder);
    await stage.put(chunkOf([`${i}`]));
    await stage.close();
    for await (const [batch] of stageAt(folder).batches('r', ONCE)) ids.add((batch as Batch).stageId);
  }
  expect((await readSealed(folder)).map(({ seq, lines }) => [seq, ...lines])).toEqual([
    [1, '0'],
    [2, '1'],
    [3, '2'],
    [4, '3'],
    [5, '4'],
  ]);
  expect(ids.size).toBe(1);
});

test('the position is that of the last durable chunk, and is there after the next open', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { replayable: true });
  expect(stage.position()).toBeUndefined();
  await stage.put(chunkOf(['1'], { position: { offset: 2 } }));
  await stage.put(chunkOf(['2'], { position: { offset: 4, nested: ['ü', null] } }));
  await stage.close();
  const again = await openStage(folder, { replayable: true });
  expect(again.position()).toEqual({ offset: 4, nested: ['ü', null] });
});

test('a gap is a fact that stands before what was put after it', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { size: 1 });
  await stage.put(chunkOf(['1']));
  stage.gap({ fromUs: 1_700_000_000_123_456, toUs: 1_700_000_002_000_000, reason: 'the connection broke' });
  await stage.put(chunkOf(['2']));
  await stage.seal();
  expect(await readGaps(folder)).toEqual([
    { fromMs: 1_700_000_000_123.456, toMs: 1_700_000_002_000, reason: 'the connection broke' },
  ]);
  const facts = (await readFacts(folder)).filter(({ fact }) => fact === 'gap' || fact === 'sealed');
  const order = facts.map(({ fact, seq }) => seq ?? fact);
  expect(order.indexOf('gap')).toBeLessThan(order.indexOf(2));
});

test('a gap alone becomes durable without a message', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  stage.gap({ fromUs: 1_000_000, toUs: 2_000_000, reason: 'r' });
  await until(async () => (await readGaps(folder)).length === 1, { timeoutMs: 2000 });
});

test('the last moment of reception is that of the last message, the end of a gap, or what was said before the stop', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  expect(stage.lastReceivedUs()).toBeUndefined();
  await stage.put(chunkOf(['1'], { receivedAtUs: 1_700_000_000_000_007 }));
  await stage.seal();
  expect(stage.lastReceivedUs()).toBe(1_700_000_000_000_007);
  stage.gap({ fromUs: 1_700_000_000_000_007, toUs: 1_700_000_009_000_000, reason: 'r' });
  await stage.seal();
  expect(stage.lastReceivedUs()).toBe(1_700_000_009_000_000);
  await stage.close();
  const second = await openStage(folder);
  expect(second.lastReceivedUs(), 'a stop that says nothing keeps it').toBe(1_700_000_009_000_000);
  second.receivedUntil(1_700_000_011_000_005);
  await second.close();
  const third = await openStage(folder);
  expect(third.lastReceivedUs()).toBe(1_700_000_011_000_005);
});

test('rows as objects come back as the JSON of each', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  await stage.put({ a: 'line\nbreak' });
  await stage.put([{ b: 1 }, { c: [null] }]);
  await stage.close();
  expect(await readLines(folder)).toEqual(['{"a":"line\\nbreak"}', '{"b":1}', '{"c":[null]}']);
});

test('a row as an object whose first key is _raw is decoded as that row', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  await stage.put({ _raw: 'aGVsbG8=', note: 'mine' });
  await stage.close();
  const bytes = Buffer.from(`${(await readLines(folder)).join('\n')}\n`);
  const keys: string[][] = [];
  const counts = visitBatch(bytes, new MessageDecoder({ decode: 'json', include: {}, ignore: [] }), {
    row: (cells) => void keys.push(cells.keys.slice(0, cells.count)),
    setAside: () => {},
  });
  expect(counts).toMatchObject({ deadMessages: 0, loadedRows: 1 });
  expect(keys).toEqual([['_raw', 'note']]);
});

test('put waits while too many bytes are in flight, and everything put without waiting is there in order', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { bytes: 4 * 2 ** 20 });
  const line = JSON.stringify('x'.repeat(2 ** 20 - 10));
  const puts = Array.from({ length: 20 }, (_, i) => stage.put(chunkOf([`${i}`, line])));
  await Promise.all(puts);
  await stage.close();
  const numbers = (await readLines(folder)).filter((text) => text !== line).map(Number);
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test('what is put after a close is refused', async () => {
  const stage = await openStage(await createTempFolder());
  await stage.close();
  await expect((async () => stage.put({ a: 1 }))()).rejects.toThrow('open for writing');
});

test('a second writer in the same process is refused with the pid of the first', async () => {
  const folder = await createTempFolder();
  await openStage(folder);
  const second = stageAt(folder);
  await expect(second.open()).rejects.toMatchObject({
    code: 'stage.locked',
    message: expect.stringContaining(`process ${process.pid} on `),
  });
  await second.close();
});

test('a writer in another process is named at once, and when it is killed its lock is free', async () => {
  const folder = await createTempFolder();
  const holder = await startHolder(folder);
  const startedMs = performance.now();
  await expect(stageAt(folder).open()).rejects.toMatchObject({
    code: 'stage.locked',
    message: expect.stringContaining(`process ${holder.pid} on `),
  });
  expect(performance.now() - startedMs).toBeLessThan(1500);
  const exited = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exited;
  await openStage(folder);
});

test('of two that open a stage at once exactly one gets it', async () => {
  const folder = await createTempFolder();
  const outcomes = await Promise.allSettled([openStage(folder), openStage(folder), openStage(folder)]);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a second reader of one name is refused while the first reads', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  await stage.put(chunkOf(['1']));
  await stage.seal();
  const { batches } = followStage(folder);
  await until(() => batches.length === 1, { timeoutMs: 2000 });
  await expect(
    stageAt(folder).batches('follower', ONCE)[Symbol.asyncIterator]().next(),
  ).rejects.toMatchObject({ code: 'stage.locked' });
});
