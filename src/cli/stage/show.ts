import type { Command } from 'commander';
import type { StageDescription } from '../../stages/upkeep/describe-stage.js';
import type { StageFolder } from '../../stages/upkeep/stage-folder.js';
import { formatByteSize } from '../../utils/byte-size.js';
import { SocketElError } from '../../utils/errors.js';
import { wholeNumberOption } from '../option-values.js';
import { printResult, tableLines } from '../print-table.js';

interface ShowFlags {
  readonly batch?: number;
  readonly last: number;
  readonly json?: boolean;
}

/** One batch, as `--json` prints it. */
interface BatchLine {
  readonly seq: number;
  readonly messages: number;
  readonly bytes: number;
  readonly segment: number;
  readonly received_at: string;
  readonly sealed_by: string;
}

/** `socket-el stage show CONFIG CONSUMER` */
export function addStageShow(stage: Command): void {
  stage
    .command('show')
    .description('Shows one stage and its last batches, or the messages of a batch as they were received.')
    .argument('<config>', 'configuration file')
    .argument('<consumer>', 'name of the consumer')
    .option('--batch <seq>', 'print the messages of this batch, one a line', wholeNumberOption(1))
    .option('--last <count>', 'show so many batches', wholeNumberOption(0), 10)
    .option('--json', 'print one JSON document; messages of a batch are printed as they are')
    .action(show);
}

async function show(config: string, consumer: string, flags: ShowFlags): Promise<void> {
  const { StageKeeper } = await import('../../engine/stage-keeper.js');
  const { describeStage } = await import('../../stages/upkeep/describe-stage.js');
  const keeper = await StageKeeper.load(config);
  const folder = await keeper.folder(keeper.consumers(consumer)[0] as string);
  if (flags.batch !== undefined) return printBatch(folder, flags.batch);
  const description = await describeStage(folder, keeper.dependents(consumer));
  const batches = await lastBatches(folder, flags.last);
  printResult(flags.json, { ...description, batches }, [
    ...describe(description),
    '',
    ...batchLines(batches),
  ]);
}

async function printBatch(folder: StageFolder, seq: number): Promise<void> {
  const { readBatches } = await import('../../stages/upkeep/stage-folder.js');
  const { SealedBatch } = await import('../../stages/log/sealed-batch.js');
  const warn = (message: string) => process.stderr.write(`${message}\n`);
  for await (const queued of readBatches(folder, warn)) {
    if (queued.fact.seq !== seq) continue;
    const { bytes } = await new SealedBatch({ ...folder, onDamage: warn }, queued.fact, queued).read();
    process.stdout.write(bytes);
    return;
  }
  const { pruned, nextSeq } = folder.state;
  throw new SocketElError({
    code: 'usage.argument',
    message: `--batch: expected a batch that is kept, ${pruned.through + 1} to ${nextSeq - 1}, got ${seq}`,
  });
}

async function lastBatches(folder: StageFolder, count: number): Promise<readonly BatchLine[]> {
  const { readBatches } = await import('../../stages/upkeep/stage-folder.js');
  const { instantText } = await import('../../utils/instant-text.js');
  const batches: BatchLine[] = [];
  for await (const { fact } of readBatches(folder, (message) => process.stderr.write(`${message}\n`))) {
    batches.push({
      seq: fact.seq,
      messages: fact.messages,
      bytes: fact.to - fact.from,
      segment: fact.segment,
      received_at: instantText(fact.received_us),
      sealed_by: fact.by,
    });
    if (batches.length > count) batches.shift();
  }
  return batches;
}

function describe(stage: StageDescription): readonly string[] {
  return [
    `stage of ${stage.consumer}, id ${stage.id}, made ${stage.created_at}, in ${stage.folder}`,
    `${stage.total_messages.toLocaleString('en-US')} messages, ${formatByteSize(stage.total_bytes)} ever staged; ${formatByteSize(stage.bytes)} kept; ${stage.parquet_files} Parquet files`,
    stage.writer_pid === null ? 'not being written' : `being written by process ${stage.writer_pid}`,
    '',
    ...tableLines(
      ['reader', 'passed', 'waiting batches', 'waiting bytes', 'moved'],
      stage.readers.map((reader) => [
        reader.in_config ? reader.name : `${reader.name} (not in the config: stage forget)`,
        reader.passed,
        reader.waiting_batches,
        formatByteSize(reader.waiting_bytes),
        reader.at ?? 'never',
      ]),
    ),
  ];
}

function batchLines(batches: readonly BatchLine[]): readonly string[] {
  return tableLines(
    ['batch', 'messages', 'bytes', 'segment', 'received until', 'sealed by'],
    batches.map((batch) => [
      batch.seq,
      batch.messages,
      batch.bytes,
      batch.segment,
      batch.received_at,
      batch.sealed_by,
    ]),
  );
}
