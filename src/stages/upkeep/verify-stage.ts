import { crc32 } from 'node:zlib';
import { readIfThere } from '../log/read-whole.js';
import { SealedBatch } from '../log/sealed-batch.js';
import { readBatches, readFacts, type StageFolder } from './stage-folder.js';

/** What a check of a whole stage found. */
export interface StageReport {
  readonly consumer: string;
  readonly batches: number;
  readonly messages: number;
  readonly parquet_files: number;
  /** Sentences; none when all is sound. */
  readonly damage: readonly string[];
}

/** Reads everything that is kept and compares it with its checksums. Nothing is changed. */
export async function verifyStage(folder: StageFolder): Promise<StageReport> {
  const damage = new Set<string>();
  const onDamage = (message: string) => damage.add(message);
  const source = { ...folder, onDamage };
  let batches = 0;
  let messages = 0;
  for await (const queued of readBatches(folder, onDamage)) {
    await new SealedBatch(source, queued.fact, queued).read();
    batches++;
    messages += queued.fact.messages;
  }
  const parquet_files = await verifyParquet(folder, onDamage);
  return { consumer: folder.identity.consumer, batches, messages, parquet_files, damage: [...damage] };
}

async function verifyParquet(folder: StageFolder, onDamage: (message: string) => void): Promise<number> {
  const { fs, layout } = folder;
  let files = 0;
  for await (const fact of readFacts(folder, onDamage)) {
    if (fact.fact !== 'converted' || fact.file === null) continue;
    // What retention is over for is gone, and no fact says so.
    const bytes = await readIfThere(fs, layout.parquet(fact.from, fact.to));
    if (bytes === undefined) continue;
    files++;
    if (crc32(bytes) !== fact.crc) onDamage(`${fact.file}: its bytes are not those that were written`);
  }
  return files;
}
