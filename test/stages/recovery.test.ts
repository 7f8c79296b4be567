import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { LocalStage } from '../../src/stages/local.js';
import { RECEIPT_BYTES } from '../../src/stages/log/receipt-record.js';
import type { MessageChunk } from '../../src/stages/stage.js';
import type { LogRecord } from '../../src/utils/logger.js';
import { readFacts } from '../support/stage-files.js';
import { createTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';
import { CrashingFs } from './crashing-fs.js';
import {
  chunkOf,
  copyCrashImage,
  followStage,
  openStage,
  putDurably,
  type ReadBatch,
  readLines,
  readSealed,
  recoverAt,
  stageAt,
} from './staged.js';

const SEALED = [['{"a":1}', '{"a":2}'], ['{"b":"ü😀"}']];
const TAIL = ['{"c":1}', '{"c":"ü😀"}', '{"c":3}'];
const NEWEST_MANIFEST = 'manifest/0000000001.ndjson';
const NEWEST_SEGMENT = 'open/0000000001.ndjson';
const NEWEST_RECEIPTS = 'open/0000000001.idx';

/** A crash image: two sealed batches, then three chunks that are durable and in no batch. */
async function imageWithTail(folder: string, replayable: boolean): Promise<string> {
  const stage = await openStage(join(folder, 'live'), { replayable });
  let position = 0;
  for (const lines of SEALED) {
    position += lines.length;
    await stage.put(chunkOf(lines, { position: replayable ? position : undefined }));
    await stage.seal();
  }
  for (const line of TAIL) await putDurably(stage, [line], replayable ? ++position : undefined);
  return copyCrashImage(join(folder, 'live'), join(folder, 'image'));
}

/** Calls `judge` with copies of the image whose `file` is cut at each byte from `from` to its end. */
async function forEachCut(
  image: string,
  { file, from }: { file: string; from: number },
  judge: (copy: string, at: number) => Promise<void>,
): Promise<void> {
  const copy = `${image}-cut`;
  const { length } = await readFile(join(image, file));
  expect(length, 'the cuts begin inside the file').toBeGreaterThan(from);
  for (let at = from; at <= length; at++) {
    await rm(copy, { recursive: true, force: true });
    await cp(image, copy, { recursive: true });
    await truncate(join(copy, file), at);
    await judge(copy, at);
  }
}

const lastLineStart = (bytes: Buffer, back = 1): number => {
  let at = bytes.length - 1;
  for (let i = 0; i < back; i++) at = bytes.lastIndexOf('\n', at - 1);
  return at + 1;
};

function expectSealed(found: readonly ReadBatch[], at: number): void {
  expect(
    found.slice(0, SEALED.length).map(({ lines }) => lines),
    `cut at ${at}`,
  ).toEqual(SEALED);
  expectRising(found, `cut at ${at}`);
}

/** A number that was given to messages that a crash took is not given again, so there may be holes. */
function expectRising(found: readonly ReadBatch[], what: string): void {
  const numbers = found.map(({ seq }) => seq);
  expect(numbers, what).toEqual([...new Set(numbers)].sort((a, b) => a - b));
}

test('of a source that cannot be read again the whole lines behind the last seal are kept once, wherever the segment is torn', async () => {
  const image = await imageWithTail(await createTempFolder(), false);
  const sealedBytes = Buffer.byteLength(SEALED.flat().join('\n')) + 1;
  const tail = Buffer.from(TAIL.map((line) => `${line}\n`).join(''));
  await forEachCut(image, { file: NEWEST_SEGMENT, from: sealedBytes }, async (copy, at) => {
    const found = await recoverAt(copy);
    expectSealed(found, at);
    const whole = tail.subarray(0, tail.subarray(0, at - sealedBytes).lastIndexOf('\n') + 1);
    const kept = found.slice(SEALED.length).flatMap(({ lines }) => lines);
    expect(kept, `cut at ${at}`).toEqual(whole.toString().split('\n').slice(0, -1));
    expect(found.length, 'empty is no batch').toBe(SEALED.length + (kept.length > 0 ? 1 : 0));
    expect(found.at(-1)?.messages).toBe(found.at(-1)?.lines.length);
    expect(await recoverAt(copy), 'the next recovery changes nothing').toEqual(found);
  });
}, 60_000);

test('of a source that can be read again everything behind the last seal is cut, and the position is that of the seal', async () => {
  const image = await imageWithTail(await createTempFolder(), true);
  const sealedBytes = Buffer.byteLength(SEALED.flat().join('\n')) + 1;
  await forEachCut(image, { file: NEWEST_SEGMENT, from: sealedBytes }, async (copy, at) => {
    const stage = stageAt(copy, { replayable: true });
    await stage.open();
    expect(stage.position(), `cut at ${at}`).toBe(3);
    await stage.put(chunkOf(['"again"'], { position: 4 }));
    await stage.close();
    const found = await readSealed(copy);
    expectSealed(found, at);
    expect(found.slice(2).map(({ seq, lines }) => [seq, lines])).toEqual([[3, ['"again"']]]);
  });
}, 60_000);

test('receipts that are torn behind the last seal take no message with them, and messages without get one', async () => {
  const image = await imageWithTail(await createTempFolder(), false);
  await forEachCut(image, { file: NEWEST_RECEIPTS, from: 2 * RECEIPT_BYTES }, async (copy, at) => {
    const found = await recoverAt(copy);
    expectSealed(found, at);
    expect(found[2]?.lines, `cut at ${at}`).toEqual(TAIL);
    const whole = Math.floor(at / RECEIPT_BYTES) - 2;
    expect(found[2]?.receipts, `cut at ${at}`).toHaveLength(Math.min(TAIL.length, whole + 1));
  });
}, 60_000);

test('a manifest torn anywhere in its last two facts loses no message and gives no number to other content', async () => {
  const image = await imageWithTail(await createTempFolder(), false);
  const from = lastLineStart(await readFile(join(image, NEWEST_MANIFEST)), 2);
  await forEachCut(image, { file: NEWEST_MANIFEST, from }, async (copy, at) => {
    const found = await recoverAt(copy);
    expect(
      found.flatMap(({ lines }) => lines),
      `cut at ${at}`,
    ).toEqual([...SEALED.flat(), ...TAIL]);
    expect(found.map(({ seq }) => seq)).toEqual(found.map((_, i) => i + 1));
  });
}, 120_000);

test('a torn manifest takes a replayable source back to the position of the last whole fact', async () => {
  const image = await imageWithTail(await createTempFolder(), true);
  const bytes = await readFile(join(image, NEWEST_MANIFEST));
  const [first, second] = [lastLineStart(bytes, 2), lastLineStart(bytes)];
  await forEachCut(image, { file: NEWEST_MANIFEST, from: first }, async (copy, at) => {
    const stage = stageAt(copy, { replayable: true });
    await stage.open();
    const position = at === bytes.length ? 3 : at >= second ? 2 : undefined;
    expect(stage.position(), `cut at ${at}`).toBe(position);
    await stage.close();
    const kept = at === bytes.length ? SEALED : at >= second ? SEALED.slice(0, 1) : [];
    expect((await readSealed(copy)).map(({ lines }) => lines)).toEqual(kept);
  });
}, 120_000);

test('a manifest torn in its first lines, before anything was sealed, keeps the messages', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(join(folder, 'live'));
  await putDurably(stage, TAIL);
  const image = await copyCrashImage(join(folder, 'live'), join(folder, 'image'));
  await forEachCut(image, { file: NEWEST_MANIFEST, from: 0 }, async (copy, at) => {
    expect(
      (await recoverAt(copy)).map(({ seq, lines }) => [seq, lines]),
      `cut at ${at}`,
    ).toEqual([[1, TAIL]]);
  });
}, 120_000);

const FIRST_LIFE: readonly (readonly string[])[] = [['"1"', '"2"'], ['"3"'], ['"4"']];
const SECOND_LIFE: readonly (readonly string[])[] = [['"5"'], ['"6"', '"7"']];

interface Life {
  readonly accepted: string[];
  durable: number;
}

/** Puts chunks and seals after every second one, until the end or until killed. */
async function live(stage: LocalStage, chunks: readonly (readonly string[])[], life: Life): Promise<void> {
  await stage.open();
  for (const [i, lines] of chunks.entries()) {
    const position = life.accepted.length + lines.length;
    const onDurable = () => (life.durable = Math.max(life.durable, position));
    const chunk: MessageChunk = chunkOf(lines, { onDurable, position });
    const accepted = stage.put(chunk);
    life.accepted.push(...lines);
    await accepted;
    if (i % 2 === 1) await stage.seal();
  }
  stage.gap({ fromUs: 1_000_000, toUs: 2_000_000, reason: 'r' });
  await stage.close();
}

/** Runs two lives of a stage with a kill at the `operations`-th change of the disk; says whether it was hit. */
async function liveUntilKilled(folder: string, fs: CrashingFs, replayable: boolean): Promise<Life> {
  const life: Life = { accepted: [], durable: 0 };
  for (const chunks of [FIRST_LIFE, SECOND_LIFE]) {
    const stage = stageAt(folder, { fs, replayable });
    try {
      await live(stage, chunks, life);
    } catch (error) {
      if (!fs.isKilled) throw error;
      break;
    } finally {
      await stage.close().catch(() => {});
      await fs.closeAll();
    }
  }
  return life;
}

async function expectAllOf(folder: string, life: Life, replayable: boolean, at: string): Promise<void> {
  const stage = stageAt(folder, { replayable });
  await stage.open();
  const position = (stage.position() ?? 0) as number;
  await stage.put(chunkOf(['"last"']));
  await stage.close();
  const found = await readSealed(folder);
  const lines = found.flatMap((batch) => batch.lines);
  expect(lines.pop(), at).toBe('"last"');
  expect(lines, at).toEqual(life.accepted.slice(0, lines.length));
  if (replayable) expectRising(found, at);
  else
    expect(
      found.map(({ seq }) => seq),
      at,
    ).toEqual(found.map((_, i) => i + 1));
  if (replayable) expect(position, at).toBe(lines.length);
  else expect(lines.length, at).toBeGreaterThanOrEqual(life.durable);
}

for (const replayable of [false, true])
  for (const tears of [false, true])
    test(`a kill at each change of the disk ${tears ? '(writes torn) ' : ''}leaves everything acknowledged, once, in order (replayable: ${replayable})`, async () => {
      const folder = await createTempFolder();
      for (let operations = 0; ; operations++) {
        const fs = new CrashingFs(operations, tears);
        const stage = join(folder, String(operations));
        const life = await liveUntilKilled(stage, fs, replayable);
        await expectAllOf(stage, life, replayable, `${operations}, after ${fs.done.at(-1)}`);
        if (!fs.isKilled) break;
      }
    }, 120_000);

test('five kills in a row while it recovers change nothing', async () => {
  const folder = await createTempFolder();
  const image = await imageWithTail(folder, false);
  for (let operations = 0; ; operations++) {
    const copy = join(folder, `chain-${operations}`);
    await cp(image, copy, { recursive: true });
    let isThrough = false;
    for (let kill = 0; kill < 5 && !isThrough; kill++) {
      const fs = new CrashingFs(operations + kill);
      const stage = stageAt(copy, { fs });
      isThrough = await stage.open().then(
        () => true,
        () => false,
      );
      await stage.close().catch(() => {});
      await fs.closeAll();
    }
    expect(
      (await recoverAt(copy)).map(({ lines }) => lines),
      `from ${operations}`,
    ).toEqual([...SEALED, TAIL]);
    if (isThrough) break;
  }
}, 60_000);

/** The real file system, killed when the first segment is about to move to where whole segments lie. */
class KilledAtMove extends CrashingFs {
  #isKilled = false;

  constructor() {
    super(Number.MAX_SAFE_INTEGER);
  }

  override rename(from: string, to: string): Promise<void> {
    if (to.includes('/data/')) this.#isKilled = true;
    return this.#isKilled ? Promise.reject(new Error('killed')) : super.rename(from, to);
  }
}

for (const replayable of [false, true])
  test(`a kill between the last seal in a segment and its move loses and doubles nothing (replayable: ${replayable})`, async () => {
    const folder = await createTempFolder();
    const stage = stageAt(folder, { fs: new KilledAtMove(), replayable, bytes: 2 ** 20 });
    onTestFinished(() => stage.close().catch(() => {}));
    await stage.open();
    const filler = 'x'.repeat(8 * 2 ** 20);
    const puts = Array.from({ length: 12 }, (_, i) =>
      stage.put(chunkOf([JSON.stringify(`${i} ${filler}`)], { position: i + 1 })).catch(() => {}),
    );
    await Promise.all(puts);
    await stage.close().catch(() => {});
    const sealed = (await readFacts(folder)).filter(({ fact }) => fact === 'sealed');
    const segments = sealed.map(({ segment }) => segment);
    expect(segments.length, 'the first segment is full').toBeGreaterThanOrEqual(8);
    expect(new Set(segments), 'nothing goes into the next before the full one is in its place').toEqual(
      new Set([1]),
    );
    const found = await recoverAt(folder, { replayable });
    const numbers = found.flatMap(({ lines }) => lines.map((line) => Number.parseInt(line.slice(1), 10)));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i));
    expect(numbers.length).toBeGreaterThanOrEqual(sealed.length);
  });

for (const torn of ['', '{"fact":"manifest","version":1,"sta'])
  test(`a reader follows the writer after a kill in the making of the next manifest file (${torn.length} bytes of it)`, async () => {
    const folder = await createTempFolder();
    const first = await openStage(folder);
    await first.put(chunkOf(['1']));
    await first.close();
    await writeFile(join(folder, 'manifest/0000000002.ndjson'), torn);
    const second = await openStage(folder);
    const { batches } = followStage(folder);
    await until(() => batches.length === 1, { timeoutMs: 2000 });
    const atEndMs = performance.now();
    await until(() => performance.now() - atEndMs > 300, { timeoutMs: 2000 });
    await second.put(chunkOf(['2']));
    await second.seal();
    expect(await readLines(folder)).toEqual(['1', '2']);
    await until(() => batches.length === 2, { timeoutMs: 3000, what: 'the batch reaches the reader' });
  });

test('an empty manifest costs no segment: what was sealed still lies below the folder', async () => {
  const folder = await createTempFolder();
  for (const line of ['"kept-1"', '"kept-2"']) {
    const stage = await openStage(folder);
    await stage.put(chunkOf([line]));
    await stage.close();
  }
  await openStage(folder).then((stage) => stage.close());
  await truncate(join(folder, NEWEST_MANIFEST), 0);
  for (const line of ['"new-1"', '"new-2"', '"new-3"']) {
    const stage = await openStage(folder);
    await stage.put(chunkOf([line]));
    await stage.close();
  }
  const names = [...(await readdir(join(folder, 'data'))), ...(await readdir(join(folder, 'open')))];
  const files = names.filter((name) => name.endsWith('.ndjson'));
  const texts = await Promise.all(
    files.map((name) =>
      readFile(join(folder, 'data', name), 'utf8').catch(() => readFile(join(folder, 'open', name), 'utf8')),
    ),
  );
  for (const line of ['"kept-1"', '"kept-2"', '"new-1"', '"new-2"', '"new-3"'])
    expect(texts.join(''), line).toContain(line);
});

test('a line of the manifest that is damaged in the middle costs no batch its number or its messages', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder, { size: 1 });
  for (const line of ['"1"', '"2"', '"3"', '"4"']) await stage.put(chunkOf([line]));
  await stage.close();
  const sound = await readSealed(folder);
  const path = join(folder, NEWEST_MANIFEST);
  const intact = await readFile(path, 'utf8');
  await writeFile(path, intact.replace('"seq":2,', '"seq":7,').replace('"seq":3,', '"seq":8,'));
  const logs: LogRecord[] = [];
  expect(await readSealed(folder, 'first', logs)).toEqual(sound);
  expect(logs.map(({ level, message }) => `${level}: ${message}`).join('\n')).toMatch(
    /error: .*2 lines are damaged[\s\S]*error: .*batches 2 to 3 are damaged; the batches are whole/,
  );
  expect(await recoverAt(folder), 'after the next start').toEqual(sound);
});

test('an index that a loss of power brought back of an empty segment goes', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  await stage.put(chunkOf(['{"a":1}']));
  await stage.close();
  await writeFile(join(folder, 'data/0000000007.idx'), '');
  await recoverAt(folder);
  expect(await readdir(join(folder, 'data'))).not.toContain('0000000007.idx');
  expect(await readLines(folder)).toEqual(['{"a":1}']);
});
