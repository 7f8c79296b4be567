import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Batch } from '../../../src/stages/stage.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { chunkOf, ONCE, openStage, stageAt } from '../staged.js';

/** Small ones are read together, large ones alone. */
const MIXED = [10, 500, 20_000, 10, 700_000, 600_000, 20, 300_000, 300_000, 1_000_000, 5, 650_000];
/** The last one is small, and lies across the end of what was read together. */
const ACROSS = [400_000, 400_000, 300_000];

function messageOf(size: number): string {
  return `{"text":"${randomBytes(size / 2).toString('hex')}"}\n`;
}

test.each([[MIXED], [ACROSS]])(
  'batches of %o bytes have their own, however the memory of those before is used again',
  async (sizes) => {
    const folder = await createTempFolder();
    const stage = await openStage(folder, { dependents: ['reader'] });
    const written = sizes.map(messageOf);
    for (const text of written) {
      await stage.put(chunkOf([text.trimEnd()]));
      await stage.seal();
    }
    await stage.close();
    const batches: Batch[] = [];
    for await (const group of stageAt(folder).batches('reader', {
      ...ONCE,
      limits: { messages: 1000, bytes: 2 ** 30 },
    }))
      batches.push(...group);
    expect(batches.length).toBe(sizes.length);
    for (let round = 0; round < 3; round++) {
      let spare: Buffer | undefined;
      let before: Buffer | undefined;
      for (const [i, batch] of batches.entries()) {
        const { bytes } = await batch.read(spare);
        expect(bytes.toString() === written[i], `batch ${i} of round ${round}`).toBe(true);
        if (before !== undefined)
          expect(before.toString() === written[i - 1], `batch ${i - 1} once more`).toBe(true);
        spare = before;
        before = bytes;
      }
    }
  },
);
