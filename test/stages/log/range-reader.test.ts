import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Batch, BatchContent } from '../../../src/stages/stage.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { chunkOf, ONCE, openStage, stageAt } from '../staged.js';

/** Small ones are read together, large ones alone. */
const MIXED = [10, 500, 20_000, 10, 700_000, 600_000, 20, 300_000, 300_000, 1_000_000, 5, 650_000];
/** The last one is small, and lies across the end of what was read together. */
const ACROSS = [400_000, 400_000, 300_000];
const ROUNDS = 3;

function messageOf(size: number): string {
  return `{"text":"${randomBytes(size / 2).toString('hex')}"}\n`;
}

/** All batches of the stage, in one group. */
async function readGroup(folder: string): Promise<readonly Batch[]> {
  const together = { ...ONCE, limits: { messages: 1000, bytes: 2 ** 30 } };
  const groups: (readonly Batch[])[] = [];
  for await (const group of stageAt(folder).batches('reader', together)) groups.push(group);
  expect(groups.length).toBe(1);
  return groups[0] as readonly Batch[];
}

/** What each batch had, when the memory of the one before the last was given to each read. */
async function readWithSpare(batches: readonly Batch[]): Promise<string[]> {
  const found: string[] = [];
  const read: BatchContent[] = [];
  for (const batch of batches) {
    const old = read.at(-2);
    read.push(await batch.read(old?.isSpare === true ? old.bytes : undefined));
    found.push(
      read
        .slice(-2)
        .map(({ bytes }) => bytes.toString())
        .join(''),
    );
  }
  return found;
}

test.each([[MIXED], [ACROSS]])(
  'batches of %o bytes have their own, however the memory of those before is used again',
  async (sizes) => {
    const folder = await createTempFolder();
    const stage = await openStage(folder);
    const written = sizes.map(messageOf);
    for (const text of written) {
      await stage.put(chunkOf([text.trimEnd()]));
      await stage.seal();
    }
    await stage.close();
    const batches = await readGroup(folder);
    const expected = written.map((text, i) => (written[i - 1] ?? '') + text);
    expect(batches.length).toBe(sizes.length);
    for (let round = 0; round < ROUNDS; round++) {
      const found = await readWithSpare(batches);
      for (const [i, text] of found.entries())
        expect(text === expected[i], `batch ${i}, round ${round}`).toBe(true);
    }
  },
);
