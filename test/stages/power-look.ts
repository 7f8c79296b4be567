import { posix } from 'node:path';
import type { Fact } from '../../src/stages/log/fact.js';
import { parseManifest } from '../../src/stages/log/fold-manifest.js';
import { createPowerStage, POWER_FOLDER, type PowerOptions } from './power-stage.js';
import type { SimulatedFs } from './simulated-fs.js';
import type { FoundBatch, FoundLog } from './stage-oracle.js';
import { ONCE } from './staged.js';

const LOOKER = 'looker';

/** What another process finds in the stage, from the oldest batch on; leaves no cursor behind. */
export async function lookAt(fs: SimulatedFs, options: PowerOptions): Promise<FoundLog> {
  const batches: FoundBatch[] = [];
  for await (const group of createPowerStage(fs, options).batches(LOOKER, ONCE)) {
    for (const batch of group) {
      const { stageId, seq, messages, byteLength, bytesThrough } = batch;
      batches.push({ stageId, seq, messages, byteLength, bytesThrough, ...(await batch.read()) });
    }
  }
  await fs.unlink(posix.join(POWER_FOLDER, 'cursors', `${LOOKER}.json`));
  return { batches, ...(await readManifest(fs)) };
}

async function readManifest(fs: SimulatedFs): Promise<Omit<FoundLog, 'batches'>> {
  const folder = posix.join(POWER_FOLDER, 'manifest');
  const names = await fs.list(folder);
  const texts = await Promise.all(names.map((name) => fs.readSmall(posix.join(folder, name))));
  const facts = texts.flatMap((text) => parseManifest(Buffer.from(text ?? '')).facts);
  return {
    gaps: facts.flatMap((fact) => (fact.fact === 'gap' ? [fact.reason] : [])),
    prunedThrough: Math.max(0, ...facts.map(prunedThrough)),
    hasAllFacts: names.every((name, i) => Number.parseInt(name, 10) === i + 1),
  };
}

function prunedThrough(fact: Fact): number {
  if (fact.fact === 'pruned') return fact.through;
  return fact.fact === 'manifest' ? fact.pruned.through : 0;
}
