import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Batch, type BatchContent, ReadMemory } from '../../../src/stages/stage.js';
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

/** What each batch and the one before it had, when the second of them was just read. */
async function readInTurn(batches: readonly Batch[], memory: ReadMemory): Promise<string[]> {
  const found: string[] = [];
  let before = '';
  let previous: BatchContent | undefined;
  for (const batch of batches) {
    const content = await batch.read(memory);
    expect(previous?.bytes.toString() ?? '').toBe(before);
    before = content.bytes.toString();
    previous = content;
    found.push(before);
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
    const memory = new ReadMemory();
    for (let round = 0; round < ROUNDS; round++) expect(await readInTurn(batches, memory)).toEqual(written);
    const again = await readGroup(folder);
    expect(await readInTurn(again.slice(1), memory)).toEqual(written.slice(1));
    expect(await readInTurn(batches, memory)).toEqual(written);
  },
);

test('what was read without a memory stays', async () => {
  const folder = await createTempFolder();
  const stage = await openStage(folder);
  const written = MIXED.map(messageOf);
  for (const text of written) {
    await stage.put(chunkOf([text.trimEnd()]));
    await stage.seal();
  }
  const contents = [];
  for (const batch of await readGroup(folder)) contents.push(await batch.read());
  expect(contents.map(({ bytes }) => bytes.toString())).toEqual(written);
});
