import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPipelineBench, type PipelineBench } from '../support/pipeline-bench.js';

/**
 * A pipeline of a consumer `trades`, which reads messages from a file, and a producer `files`, which writes their rows
 * to files.
 *
 * @param settings of the consumer
 * @param output settings of the producer
 */
export function createWritingBench(
  messages: readonly string[],
  settings: object,
  output: object,
): Promise<PipelineBench> {
  const trades = { name: 'trades', type: 'consumer', variety: 'file', path: 'in.ndjson', ...settings };
  const files = { name: 'files', type: 'producer', variety: 'file', depends_on: [trades.name], ...output };
  return createPipelineBench({
    config: { runners: [trades, files] },
    files: { 'in.ndjson': messages.map((message) => `${message}\n`).join('') },
  });
}

/** The rows in the NDJSON files of a folder, in the order of their names. */
export async function readWritten(folder: string): Promise<readonly Record<string, unknown>[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ndjson')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const lines = texts.flatMap((text) => text.split('\n').slice(0, -1));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
