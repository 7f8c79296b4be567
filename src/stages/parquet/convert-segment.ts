import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { StageLayout } from '../log/layout.js';
import { readWhole } from '../log/read-whole.js';
import { SealedBatch } from '../log/sealed-batch.js';
import type { StageFs } from '../stage-fs.js';
import type { Conversion, ConversionTask } from './conversion-task.js';
import { convertBatches } from './convert-batches.js';

/** Writes the rows of a segment's batches as one Parquet file, named after the first and the last batch. */
export async function convertSegment(fs: StageFs, task: ConversionTask): Promise<Conversion> {
  const layout = new StageLayout(task.folder);
  const alarms: string[] = [];
  const source = { fs, layout, identity: task.identity, onDamage: (message: string) => alarms.push(message) };
  const batches = task.facts.map(
    (fact) => new SealedBatch(source, fact, { previous: 0, bytesThrough: 0, gaps: [] }),
  );
  const [first, last] = [task.facts[0]?.seq ?? 0, task.facts.at(-1)?.seq ?? 0];
  const path = layout.parquet(first, last);
  const { rows, types } = await convertBatches(fs, batches, { path, decode: task.decode, types: task.types });
  if (rows === 0) return { file: null, crc: 0, rows, types, alarms };
  return { file: basename(path), crc: crc32(await readWhole(fs, path)), rows, types, alarms };
}
