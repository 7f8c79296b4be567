import type { Command } from 'commander';
import type { StageDescription } from '../../stages/upkeep/describe-stage.js';
import { formatByteSize } from '../../utils/byte-size.js';
import { printResult, tableLines } from '../print-table.js';

/** `socket-el stage ls CONFIG` */
export function addStageLs(stage: Command): void {
  stage
    .command('ls')
    .description('Lists the stages, and how far each producer has loaded them.')
    .argument('<config>', 'configuration file')
    .option('--json', 'print one JSON document')
    .action(list);
}

async function list(config: string, { json }: { readonly json?: boolean }): Promise<void> {
  const { StageKeeper } = await import('../../engine/stage-keeper.js');
  const { describeStage } = await import('../../stages/upkeep/describe-stage.js');
  const keeper = await StageKeeper.load(config);
  const stages: StageDescription[] = [];
  for (const folder of await keeper.folders())
    stages.push(await describeStage(folder, keeper.dependents(folder.identity.consumer)));
  const lines = stages.length === 0 ? ['nothing is staged yet'] : describe(stages);
  printResult(json, stages, lines);
}

function describe(stages: readonly StageDescription[]): readonly string[] {
  const head = ['stage', 'batches', 'bytes', 'writer', 'reader', 'passed', 'waiting', 'waiting bytes'];
  const rows = stages.flatMap((stage) => {
    const { consumer, first, last, bytes, writer_pid, readers } = stage;
    const batches = first > last ? 'none' : `${first}-${last}`;
    const writer = writer_pid === null ? '-' : `pid ${writer_pid}`;
    const own = [consumer, batches, formatByteSize(bytes), writer];
    if (readers.length === 0) return [[...own, 'none: nothing is ever pruned', '', '', '']];
    return readers.map((reader) => [
      ...own,
      reader.in_config ? reader.name : `${reader.name} (not in the config)`,
      String(reader.passed),
      String(reader.waiting_batches),
      formatByteSize(reader.waiting_bytes),
    ]);
  });
  return tableLines(head, rows);
}
