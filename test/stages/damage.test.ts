import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStageFolder } from '../../src/stages/upkeep/stage-folder.js';
import { verifyStage } from '../../src/stages/upkeep/verify-stage.js';
import type { LogRecord } from '../../src/utils/logger.js';
import { createTempFolder } from '../support/temp-folder.js';
import { type Damage, damageOf, isHit, looksLikeCrash, mustBeSaid, writeDamaged } from './damage-case.js';
import {
  createSoundStage,
  LOOKER,
  messageLine,
  nameOf,
  QUICK_FS,
  type SoundStage,
  type StagedBatch,
  type StageKind,
} from './damaged-stage.js';
import { ONCE, putDurably, stageAt } from './staged.js';

const CASES = Number(process.env.SOCKET_EL_DAMAGE_CASES ?? 500);
const FIRST_SEED = Number(process.env.SOCKET_EL_DAMAGE_SEED ?? 1);
const PHASE_MS = 5000;

/** A batch as a reader got it after the damage. */
interface FoundBatch extends Omit<StagedBatch, 'chunks'> {
  readonly lines: readonly string[];
}

interface Case {
  readonly folder: string;
  readonly stage: SoundStage;
  readonly damage: Damage;
  readonly errors: string[];
}

/** A step that never ends is a failure, not a test that hangs. */
async function within<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${PHASE_MS} ms: ${what}`)), PHASE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function readAll({ folder, stage, errors }: Case, reader: string): Promise<readonly FoundBatch[]> {
  const logs: LogRecord[] = [];
  const found: FoundBatch[] = [];
  for await (const group of stageAt(folder, { ...stage.options, logs }).batches(reader, ONCE)) {
    for (const batch of group) {
      const { seq, crc, messages, byteLength, bytesThrough } = batch;
      const lines = (await batch.read()).bytes.toString('utf8').split('\n').slice(0, -1);
      found.push({ seq, crc, messages, byteLength, bytesThrough, lines });
    }
  }
  errors.push(...logs.filter(({ level }) => level === 'error').map(({ message }) => message));
  return found;
}

/** A next start, which goes on where the stage says that the source is to be read again. */
async function writeOn({ folder, stage, errors }: Case): Promise<number> {
  const logs: LogRecord[] = [];
  const writer = stageAt(folder, { ...stage.options, logs });
  await writer.open();
  try {
    const position = writer.position() as { readonly next: number } | undefined;
    const next = stage.options.replayable ? (position?.next ?? 0) : stage.messages;
    for (let number = next; number < stage.messages + 3; number++)
      await putDurably(writer, [messageLine(number)], { next: number + 1 });
    await writer.seal();
  } finally {
    await writer.close();
  }
  errors.push(...logs.filter(({ level }) => level === 'error').map(({ message }) => message));
  return stage.messages + 3;
}

function contentOf({ seq, crc, messages, byteLength }: Omit<StagedBatch, 'chunks'>) {
  return { seq, crc, messages, byteLength };
}

/** Under an old number there is nothing but what was sealed under it. */
function expectOldBatches(
  found: readonly FoundBatch[],
  batches: readonly Omit<StagedBatch, 'chunks'>[],
  what: string,
): void {
  const old = new Map(batches.map((batch) => [batch.seq, batch]));
  for (const batch of found) {
    const before = old.get(batch.seq);
    if (before === undefined) continue;
    expect(contentOf(batch), what).toEqual(contentOf(before));
    expect(batch.bytesThrough, `bytes up to and with ${what}`).toBe(before.bytesThrough);
  }
  const seqs = found.map(({ seq }) => seq);
  expect(seqs, what).toEqual(seqs.toSorted((a, b) => a - b));
}

/** A batch's messages; undefined for each that a dead letter stands for. */
function messagesOf({ lines }: FoundBatch): readonly (string | undefined)[] {
  return lines.flatMap((line) => {
    if (!line.startsWith('{"_raw":"')) return [line];
    const { _messages = 1 } = JSON.parse(line) as { readonly _messages?: number };
    return Array.from({ length: _messages }, () => undefined);
  });
}

/** Every message is in its place, as it was put or, where it was hit, as a dead letter. */
function expectMessages(found: readonly FoundBatch[], { stage, damage }: Case, end: number): void {
  for (const batch of found) expect(messagesOf(batch).length, 'messages of a batch').toBe(batch.messages);
  const chunks = stage.batches.flatMap((batch) => batch.chunks);
  const hit = chunks.filter((chunk) => isHit(chunk, damage));
  const isDead = (number: number) =>
    hit.some(({ first, messages }) => number >= first && number < first + messages);
  const start = chunks[0]?.first ?? 0;
  const messages = found.flatMap(messagesOf);
  const wrong = messages.flatMap((line, i) => {
    const number = start + i;
    return line === (isDead(number) ? undefined : messageLine(number)) ? [] : [number];
  });
  expect(wrong, 'messages that are neither as they were nor dead letters').toEqual([]);
  expect(start + messages.length, 'messages in all').toBe(end);
}

/** Of a manifest's damaged end a reader sees nothing, until the next start finds what it said. */
function expectSeen(found: readonly FoundBatch[], { stage, damage }: Case): void {
  const behind = [...stage.files].filter(([path]) => damage.kind === 'manifest' && path > damage.path);
  const text = [damage.after.subarray(damage.to), ...behind.map(([, bytes]) => bytes)].join();
  const isEndHit = damage.kind === 'manifest' && !/"fact":"(sealed|manifest)"/.test(text);
  const seqs = stage.batches.map(({ seq }) => seq);
  const expected = isEndHit ? seqs.slice(0, found.length) : seqs;
  expect(
    found.map(({ seq }) => seq),
    'batches before the next start',
  ).toEqual(expected);
}

async function survive(stage: SoundStage, seed: number, root: string): Promise<void> {
  const damage = damageOf(stage, seed);
  const folder = join(root, String(seed));
  const it: Case = { folder, stage, damage, errors: [] };
  await writeDamaged(folder, stage, damage);
  const before = await within('reading', readAll(it, 'before'));
  expectOldBatches(before, stage.batches, 'a batch before the next start');
  expectSeen(before, it);
  await within('reading on', readAll(it, LOOKER));
  const end = await within('writing on', writeOn(it));
  const after = await within('reading after the next start', readAll(it, 'after'));
  // What a crash seems to have cut off is read again, of a source that can be.
  const isCut = stage.options.replayable === true && looksLikeCrash(damage, stage);
  expectOldBatches(after, isCut ? before : stage.batches, 'a batch after the next start');
  expectMessages(after, it, end);
  if (mustBeSaid(damage, stage)) expect(it.errors, 'errors that were logged').not.toEqual([]);
  await expectParquetFound(it);
}

async function expectParquetFound({ folder, damage }: Case): Promise<void> {
  const owner = { pipeline: 'p', consumer: 'trades' };
  const report = await verifyStage(await openStageFolder(QUICK_FS, folder, owner));
  if (damage.kind === 'parquet' && !damage.before.equals(damage.after)) {
    expect(report.damage.join(), 'damage that is verified').toContain(damage.path.replace('data/', ''));
  }
}

const KINDS: readonly StageKind[] = Array.from({ length: 16 }, (_, i) => ({
  type: (i & 1) === 0 ? 'local' : 'parquet',
  replayable: (i & 2) !== 0,
  isClosed: (i & 4) !== 0,
  isPruned: (i & 8) !== 0,
}));

for (const [i, kind] of KINDS.entries()) {
  test(`${nameOf(kind)}: one damage costs what it hit, is said, and stops nothing`, async () => {
    const root = await createTempFolder();
    const stage = await createSoundStage(kind, i);
    const failed: string[] = [];
    for (let count = 0; count < CASES / KINDS.length; count++) {
      const seed = FIRST_SEED + count * KINDS.length + i;
      await survive(stage, seed, root).catch((error: Error) => {
        const { path, what } = damageOf(stage, seed);
        failed.push(`seed ${seed} (${path}: ${what}): ${error.message}`);
      });
    }
    expect(failed).toEqual([]);
  }, 60_000);
}
