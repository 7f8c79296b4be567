import { join } from 'node:path';
import type { Fact } from '../../src/stages/log/fact.js';
import { parseManifest } from '../../src/stages/log/fold-manifest.js';
import type { StageFs } from '../../src/stages/stage-fs.js';
import { createPowerStage, type PowerOptions } from './power-stage.js';
import type { FoundBatch, FoundLog } from './stage-oracle.js';
import { ONCE } from './staged.js';

const LOOKER = 'looker';

/** What another process finds in the stage, from the oldest batch on; leaves no cursor behind. */
export async function lookAt(fs: StageFs, options: PowerOptions): Promise<FoundLog> {
  const batches: FoundBatch[] = [];
  for await (const group of createPowerStage(fs, options).batches(LOOKER, ONCE)) {
    for (const batch of group) {
      const { stageId, seq, messages, byteLength, bytesThrough } = batch;
      batches.push({ stageId, seq, messages, byteLength, bytesThrough, ...(await batch.read()) });
    }
  }
  await fs.unlink(join(options.folder, 'cursors', `${LOOKER}.json`));
  return { batches, ...(await readManifest(fs, join(options.folder, 'manifest'))) };
}

async function readManifest(fs: StageFs, folder: string): Promise<Omit<FoundLog, 'batches'>> {
  const names = await fs.list(folder);
  const texts = await Promise.all(names.map((name) => fs.readSmall(join(folder, name))));
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
